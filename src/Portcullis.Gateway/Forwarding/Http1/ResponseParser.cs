using System.Text;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>
/// Reads one response after another from octets that arrive in any pieces, strictly by RFC 9112. It does no I/O and keeps
/// no octets: what it does not consume must be shown to it again. After <see cref="ParseStep.Invalid"/> the connection is
/// good for nothing. Not thread safe.
/// </summary>
internal sealed class ResponseParser
{
    /// <summary>Most octets of one head or trailer section; one more and the response is refused.</summary>
    public const int MaximumHead = 32 * 1024;

    /// <summary>Most field lines of one section; one more and the response is refused.</summary>
    public const int MaximumFields = 128;

    /// <summary>Most interim responses before the final one; one more and the response is refused.</summary>
    public const int MaximumInterim = 8;

    /// <summary>Most options of Connection; one more and the response is refused.</summary>
    public const int MaximumConnectionOptions = ConnectionField.MostOptions;

    private readonly ChunkedDecoder chunks = new();
    private LineScanner lines;
    private bool toHead;
    private bool upgradeAsked;
    private bool inFields;
    private bool http11;
    private int interim;
    private bool sawTransferEncoding;
    private bool chunked;
    private bool sawConnection;
    private int fieldLines;
    private long left;

    public int StatusCode { get; private set; }

    /// <summary>Status of the last interim response.</summary>
    public int InterimStatusCode { get; private set; }

    /// <summary>The fields of the head; Content-Length is its own.</summary>
    public FieldTable Fields { get; } = new();

    public FieldTable Trailers => chunks.Trailers;

    public BodyFraming Framing { get; private set; }

    /// <summary>The stated length; null without one.</summary>
    public long? ContentLength { get; private set; }

    /// <summary>Whether the connection may carry another exchange once this message is complete.</summary>
    public bool KeepsAlive { get; private set; }

    /// <summary>Whether Connection names the field Upgrade.</summary>
    public bool ConnectionUpgrades { get; private set; }

    /// <summary>Whether Connection names end-to-end fields, which then are not (RFC 9110 §7.6.1).</summary>
    public bool ConnectionNamesFields { get; private set; }

    /// <summary>Whether the body has been read to its end.</summary>
    public bool Complete { get; private set; }

    /// <summary>What is wrong with the response, for the logs; holds no octet of it.</summary>
    public string? Error { get; private set; }

    /// <summary>Octets of body that come next without framing between them, and so may be read past the parser.</summary>
    public long BodyAhead => Framing switch
    {
        BodyFraming.Length => left,
        BodyFraming.UntilClose when !Complete => long.MaxValue,
        BodyFraming.Chunked => chunks.ContentAhead,
        _ => 0,
    };

    /// <summary>Prepares for the response to one request.</summary>
    /// <param name="toHead">The request's method is HEAD: the response has no body, whatever its head says.</param>
    /// <param name="upgradeAsked">The request asked for an upgrade: 101 is an answer.</param>
    public void Begin(bool toHead, bool upgradeAsked)
    {
        this.toHead = toHead;
        this.upgradeAsked = upgradeAsked;
        interim = 0;
        chunks.Restart();
        Error = null;
        BeginHead();
    }

    /// <summary>Forgets what must not outlive the exchange.</summary>
    public void Trim()
    {
        Fields.Clear();
        Trailers.Clear();
    }

    /// <summary>Reads the next head.</summary>
    /// <returns><see cref="ParseStep.NeedMore"/>, <see cref="ParseStep.Interim"/>, <see cref="ParseStep.Head"/> or <see cref="ParseStep.Invalid"/>.</returns>
    public ParseStep ReadHead(ReadOnlySpan<byte> data, out int consumed)
    {
        consumed = 0;
        while (true)
        {
            var step = lines.Next(data[consumed..], MaximumHead, out var line, out var error);
            if (step != ParseStep.Data)
            {
                if (step == ParseStep.NeedMore)
                    error = CanBegin(data[consumed..]);
                return error is null ? step : Refuse(error);
            }

            consumed += line.Length + 2;
            if (!inFields)
            {
                error = StatusLine.Parse(line, out http11, out var status);
                StatusCode = status;
                inFields = true;
            }
            else if (line.IsEmpty)
            {
                return EndHead();
            }
            else
            {
                error = TakeField(line);
            }

            if (error is not null)
                return Refuse(error);
        }
    }

    /// <summary>Reads on to the next piece of the body.</summary>
    /// <returns><see cref="ParseStep.Data"/>, <see cref="ParseStep.NeedMore"/>, <see cref="ParseStep.End"/> or <see cref="ParseStep.Invalid"/>.</returns>
    public ParseStep ReadBody(ReadOnlySpan<byte> data, out int consumed, out ReadOnlySpan<byte> content)
    {
        consumed = 0;
        content = default;
        if (Complete)
            return ParseStep.End;

        switch (Framing)
        {
            case BodyFraming.Chunked:
                var step = chunks.Next(data, out consumed, out content);
                if (step == ParseStep.Invalid)
                    return Refuse(chunks.Error!);
                Complete = step == ParseStep.End;
                return step;

            case BodyFraming.Length or BodyFraming.UntilClose when data.Length > 0:
                content = data[..(int)Math.Min(BodyAhead, data.Length)];
                consumed = content.Length;
                TakeBody(consumed);
                return ParseStep.Data;

            default:
                return ParseStep.NeedMore;
        }
    }

    /// <summary>Counts octets of body that were read past the parser, at most <see cref="BodyAhead"/>.</summary>
    public void TakeBody(long length)
    {
        if (Framing == BodyFraming.Chunked)
        {
            chunks.TakeContent(length);
        }
        else if (Framing == BodyFraming.Length)
        {
            left -= length;
            Complete = left == 0;
        }
    }

    /// <summary>The upstream has closed its side within the body.</summary>
    /// <returns><see cref="ParseStep.End"/> where that is how the body ends, otherwise <see cref="ParseStep.Invalid"/>.</returns>
    public ParseStep EndOfStream()
    {
        if (Framing != BodyFraming.UntilClose)
            return Refuse("the connection ended within the body");

        Complete = true;
        return ParseStep.End;
    }

    /// <summary>Declares the response wrong.</summary>
    public ParseStep Refuse(string error)
    {
        Error = error;
        KeepsAlive = false;
        return ParseStep.Invalid;
    }

    private void BeginHead()
    {
        lines.Restart();
        inFields = false;
        sawTransferEncoding = chunked = false;
        left = 0;
        ContentLength = null;
        Framing = BodyFraming.None;
        KeepsAlive = Complete = ConnectionUpgrades = ConnectionNamesFields = false;
        StatusCode = 0;
        Fields.Clear();
        fieldLines = 0;
        sawConnection = false;
    }

    // What can't become a line of this kind is refused before its end: a server that speaks another protocol may never send one.
    private string? CanBegin(ReadOnlySpan<byte> line)
    {
        if (!inFields)
            return StatusLine.CanBegin(line) ? null : StatusLine.Malformed;
        return line.Length > 0 && FieldLine.IsFolded(line) ? FieldLine.Folded : null;
    }

    private string? TakeField(ReadOnlySpan<byte> line)
    {
        if (FieldLine.Split(line, out var name, out var known, out var value, out var traits) is { } error)
            return error;

        if ((traits & FieldTraits.ContentLength) != FieldTraits.None)
        {
            if (ContentLength is not null)
                return "Content-Length is repeated"; // RFC 9112 §6.3, rule 5: equal ones too
            if (!FieldLine.TryLength(value, out var length))
                return "Content-Length is not one number";
            ContentLength = length;
        }
        else if ((traits & FieldTraits.TransferEncoding) != FieldTraits.None)
        {
            if (sawTransferEncoding || !Ascii.EqualsIgnoreCase(value, "chunked"u8))
                return "Transfer-Encoding is not just chunked";
            sawTransferEncoding = chunked = true;
        }

        if (++fieldLines > MaximumFields)
            return "the head has too many fields";

        sawConnection |= (traits & FieldTraits.Connection) != FieldTraits.None;
        if (ContentLength is null || (traits & FieldTraits.ContentLength) == FieldTraits.None)
            Fields.AddLine(name, known, value, traits);
        return null;
    }

    private ParseStep EndHead()
    {
        // RFC 9112 §6.3, rule 3; §6.1: with 1.0 the coding can't be trusted to be understood.
        if (chunked && (ContentLength is not null || !http11))
            return Refuse(http11 ? "Transfer-Encoding and Content-Length together" : "Transfer-Encoding in HTTP/1.0");

        if (!ReadConnection())
            return Refuse("Connection names too many options, what is no token, or a field that is for the client");

        var bodiless = StatusCode is < 200 or 204;
        if (bodiless && (chunked || (StatusCode == 101 && ContentLength is not null)))
            return Refuse("a response that can't have a body states a framing"); // RFC 9112 §6.1, RFC 9110 §8.6
        if (StatusCode == 205 && ContentLength > 0)
            return Refuse("a 205 response states content"); // RFC 9110 §15.3.6

        if (StatusCode is < 200 and not 101)
        {
            if (++interim > MaximumInterim)
                return Refuse("too many interim responses");
            InterimStatusCode = StatusCode;
            BeginHead();
            return ParseStep.Interim;
        }

        if (StatusCode == 101)
        {
            if (!upgradeAsked)
                return Refuse("101 without having been asked to upgrade");
            Framing = BodyFraming.Upgraded;
            KeepsAlive = false;
            return ParseStep.Head;
        }

        Framing = bodiless || toHead || StatusCode == 304 ? BodyFraming.None
            : chunked ? BodyFraming.Chunked
            : ContentLength is null ? BodyFraming.UntilClose
            : ContentLength == 0 ? BodyFraming.None
            : BodyFraming.Length;
        left = ContentLength ?? 0;
        Complete = Framing == BodyFraming.None;

        // A 204 that announces content is likely to send it: nothing may be read after it.
        KeepsAlive &= http11 && Framing != BodyFraming.UntilClose && !(StatusCode == 204 && ContentLength > 0);
        return ParseStep.Head;
    }

    private bool ReadConnection()
    {
        KeepsAlive = true;
        if (!sawConnection)
            return true;

        var options = 0;
        var connection = Fields.Connection;
        foreach (var line in connection)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                if (++options > MaximumConnectionOptions)
                    return false;

                var option = line.AsSpan()[range].Trim(" \t");
                if (option.Equals("close", StringComparison.OrdinalIgnoreCase))
                    KeepsAlive = false;
                else if (option.Equals("upgrade", StringComparison.OrdinalIgnoreCase))
                    ConnectionUpgrades = true;
                else if (option.Length > 0 && !option.Equals("keep-alive", StringComparison.OrdinalIgnoreCase))
                    ConnectionNamesFields = true;
            }

        }

        return !ConnectionNamesFields || ConnectionField.Check(connection) is null;
    }
}
