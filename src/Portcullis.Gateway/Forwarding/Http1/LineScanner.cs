namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>
/// Takes lines that end in exactly CRLF from octets that arrive in any pieces. Remembers how far it has looked, so that a
/// line arriving octet by octet is searched once.
/// </summary>
internal struct LineScanner
{
    private int looked;
    private int used;

    /// <param name="data">All octets not yet consumed, beginning at the line.</param>
    /// <param name="limit">Most octets of all lines since the last <see cref="Restart"/>.</param>
    /// <param name="line">The line without CRLF.</param>
    /// <param name="error">What is wrong, when the result is <see cref="ParseStep.Invalid"/>.</param>
    /// <returns><see cref="ParseStep.Data"/> with a line, <see cref="ParseStep.NeedMore"/> or <see cref="ParseStep.Invalid"/>.</returns>
    public ParseStep Next(ReadOnlySpan<byte> data, int limit, out ReadOnlySpan<byte> line, out string? error)
    {
        line = default;
        error = null;
        var end = data[looked..].IndexOf((byte)'\n');
        if (end < 0)
        {
            looked = data.Length;
            if (used + looked < limit)
                return ParseStep.NeedMore;

            error = "a section of lines is too large";
            return ParseStep.Invalid;
        }

        end += looked;
        looked = 0;
        used += end + 1;
        if (used > limit)
        {
            error = "a section of lines is too large";
            return ParseStep.Invalid;
        }

        // A bare LF may be tolerated by RFC 9112 §2.2; two parsers that differ on it are how responses are split.
        if (end == 0 || data[end - 1] != '\r')
        {
            error = "a line ends in LF without CR";
            return ParseStep.Invalid;
        }

        line = data[..(end - 1)];
        return ParseStep.Data;
    }

    public void Restart() => looked = used = 0;
}
