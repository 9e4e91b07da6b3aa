using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>The first line of a response (RFC 9112 §4), read without any of the leniences that the RFC only permits.</summary>
internal static class StatusLine
{
    public const string Malformed = "the status line is malformed";

    // HTTP/1.x SP 3DIGIT SP
    private const int ReasonStart = 13;

    /// <summary>Whether a line that is not complete can still become a status line.</summary>
    public static bool CanBegin(ReadOnlySpan<byte> data)
    {
        var version = "HTTP/1."u8;
        return data.Length < version.Length ? version.StartsWith(data) : data.StartsWith(version);
    }

    public static string? Parse(ReadOnlySpan<byte> line, out bool http11, out int status)
    {
        http11 = false;
        status = 0;
        if (line.Length < ReasonStart || !CanBegin(line) || line[7] is not ((byte)'0' or (byte)'1') || line[8] != ' ' || line[ReasonStart - 1] != ' ')
            return Malformed;

        var code = line.Slice(9, 3);
        if (code.ContainsAnyExceptInRange((byte)'0', (byte)'9') || code[0] is < (byte)'1' or > (byte)'5')
            return "the status code is not between 100 and 599"; // RFC 9110 §15

        if (!FieldLine.IsText(line[ReasonStart..]))
            return "the reason phrase holds a control character";

        http11 = line[7] == '1';
        status = ((code[0] - '0') * 100) + ((code[1] - '0') * 10) + (code[2] - '0');
        return null;
    }
}
