using System.Buffers;
using System.Text;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Forwarding.Http1;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// Reads the head of a request (RFC 9112 §3, §5) from octets that arrive in any pieces, without any of the repairs that the RFC only permits:
/// two recipients that repair differently are how requests are smuggled. Reused from request to request.
/// </summary>
internal sealed class RequestParser
{
    private static readonly SearchValues<byte> TokenOctets =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> Controls = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(octet => (byte)octet), 0x7F]);

    private const string Http09 = "HTTP/0.9";
    private const string Http10 = "HTTP/1.0";
    private const string Http11 = "HTTP/1.1";

    // Longest target that is kept for comparison with the next request's.
    private const int MostKept = 512;

    private LineScanner lines;
    private int fieldOctets;
    private int fieldCount;
    private bool inFields;
    private bool sawEmptyLine;

    /// <summary>As sent (case sensitive, RFC 9110 §9.1); empty until the request line has been read.</summary>
    public string Method { get; private set; } = string.Empty;

    /// <summary>The target as sent: visible US-ASCII only, unless there is a <see cref="Defect"/>.</summary>
    public string Target { get; private set; } = string.Empty;

    /// <summary>The version as sent, such as <c>HTTP/1.1</c>; <c>HTTP/0.9</c> where none was.</summary>
    public string Version { get; private set; } = Http11;

    /// <summary>Whether it is a request of HTTP/0.9 (RFC 1945 §5.1), which has no status line to refuse with.</summary>
    public bool IsHttp09 => ReferenceEquals(Version, Http09);

    /// <summary>Whether the version is 1.1, not 1.0.</summary>
    public bool IsHttp11 => ReferenceEquals(Version, Http11);

    /// <summary>
    /// Why the request is refused although its head can be read to the end, which tells what it was; null where there is no such reason. Nothing behind such a head
    /// is read.
    /// </summary>
    public RequestDefect? Defect { get; private set; }

    /// <summary>Whether anything but an empty line has come.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Whether Transfer-Encoding is given, in whatever form.</summary>
    public bool HasCoding { get; private set; }

    public FieldTable Fields { get; } = new(keepsPersonal: true);

    /// <summary>The response's status where the head is refused.</summary>
    public int Status { get; private set; }

    /// <summary>Why it is refused, for logs.</summary>
    public string Error { get; private set; } = string.Empty;

    /// <summary>Prepares for the next request.</summary>
    public void Begin()
    {
        lines.Restart();
        fieldOctets = fieldCount = Status = 0;
        inFields = sawEmptyLine = HasBegun = HasCoding = false;
        Method = string.Empty;
        if (Target.Length > MostKept) Target = string.Empty;
        Version = Http11;
        Defect = null;
        Error = string.Empty;
        Fields.Clear();
    }

    /// <summary>Reads on.</summary>
    /// <returns><see cref="ParseStep.NeedMore"/>, <see cref="ParseStep.Head"/> or <see cref="ParseStep.Invalid"/>.</returns>
    public ParseStep Read(ReadOnlySpan<byte> data, in RequestLimits limits, out int consumed)
    {
        consumed = 0;
        while (true)
        {
            var rest = data[consumed..];
            var limit = inFields ? limits.HeaderOctets - fieldOctets : limits.RequestLineOctets;
            var step = lines.Next(rest, int.MaxValue, out var line, out var error);
            if (step == ParseStep.Invalid) return Refuse(400, error!);
            if (step == ParseStep.NeedMore)
            {
                HasBegun |= !rest.IsEmpty && !IsLineEnd(rest);
                if (rest.Length > limit + 1) return RefuseLength();
                return inFields ? CanBeField(rest) : CanBeRequestLine(rest);
            }

            consumed += line.Length + 2;
            if (line.Length > limit) return RefuseLength();
            if (inFields)
            {
                if (line.IsEmpty) return ParseStep.Head;
                if (TakeField(line, limits) is ParseStep.Invalid) return ParseStep.Invalid;
            }
            else if (line.IsEmpty)
            {
                // RFC 9112 §2.2: at least one is to be ignored. One is enough.
                if (sawEmptyLine) return Refuse(400, "more than one empty line before the request line");
                sawEmptyLine = true;
            }
            else
            {
                HasBegun = true;
                var taken = TakeRequestLine(line);
                if (taken != ParseStep.Data) return taken;
                inFields = true;
            }
        }
    }

    /// <summary>Notes why the request is refused once its head has been read. The first reason counts.</summary>
    public void Note(RequestDefect defect) => Defect ??= defect;

    /// <summary>Notes why the head is refused.</summary>
    public ParseStep Refuse(int status, string error)
    {
        Status = status;
        Error = error;
        return ParseStep.Invalid;
    }

    private static bool IsLineEnd(ReadOnlySpan<byte> rest) => rest.Length == 1 && rest[0] == '\r';

    private ParseStep RefuseLength()
        => inFields ? Refuse(431, "the header fields are too large") : Refuse(414, "the request line is too long");

    // What can't become a request line is refused before its end: a client that speaks another protocol may never send one.
    private ParseStep CanBeRequestLine(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty || IsLineEnd(line)) return ParseStep.NeedMore;
        var visible = line[^1] == '\r' ? line[..^1] : line;
        var method = visible.IndexOf((byte)' ');
        return visible.ContainsAny(Controls) || (method < 0 ? visible : visible[..method]).ContainsAnyExcept(TokenOctets) || method == 0
            ? Refuse(400, "the request line is malformed")
            : ParseStep.NeedMore;
    }

    private ParseStep CanBeField(ReadOnlySpan<byte> line)
        => line.Length > 0 && FieldLine.IsFolded(line) ? Refuse(400, FieldLine.Folded) : ParseStep.NeedMore;

    private ParseStep TakeRequestLine(ReadOnlySpan<byte> line)
    {
        var first = line.IndexOf((byte)' ');
        var last = line.LastIndexOf((byte)' ');
        if ((first == last || last == line.Length - 1) && IsSimple(line, out var simple)) return TakeSimpleRequest(simple);
        if (first <= 0 || last <= first + 1) return Refuse(400, "the request line is malformed");
        var method = line[..first];
        var target = line[(first + 1)..last];
        if (method.ContainsAnyExcept(TokenOctets)) return Refuse(400, "the method is not a token (RFC 9110 §9.1)");
        if (target.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            if (target.ContainsAny(Controls)) return Refuse(400, RequestDefect.Target.Cause);
            Note(RequestDefect.Target);
        }

        Method = Methods.Find(method);
        if (!Ascii.Equals(target, Target)) Target = Encoding.Latin1.GetString(target);
        return TakeVersion(line[(last + 1)..]);
    }

    // A target and nothing behind it but, as some send it, the space before the version that is missing.
    private static bool IsSimple(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> target)
    {
        target = default;
        if (!line.StartsWith("GET /"u8)) return false;
        target = line[^1] == ' ' ? line[4..^1] : line[4..];
        return !target.ContainsAnyExceptInRange((byte)'!', (byte)'~');
    }

    /// <summary>RFC 1945 §5.1: a request of HTTP/0.9 is this one line. It is refused, but known for what it is.</summary>
    private ParseStep TakeSimpleRequest(ReadOnlySpan<byte> target)
    {
        Method = Methods.Find("GET"u8);
        Target = Encoding.Latin1.GetString(target);
        Version = Http09;
        Note(RequestDefect.NoVersion);
        return ParseStep.Head;
    }

    private ParseStep TakeVersion(ReadOnlySpan<byte> version)
    {
        if (version.SequenceEqual("HTTP/1.1"u8)) return ParseStep.Data;
        Version = Http10;
        if (version.SequenceEqual("HTTP/1.0"u8)) return ParseStep.Data;
        if (version.Length != 8 || !version.StartsWith("HTTP/"u8) || !char.IsAsciiDigit((char)version[5]) || version[6] != '.' || !char.IsAsciiDigit((char)version[7]))
            return Refuse(400, "the version is malformed (RFC 9112 §2.3)");
        Version = Encoding.Latin1.GetString(version);

        // There is no HTTP/0.x that states its version (RFC 1945 §3.1).
        Note(version[5] == (byte)'0' ? RequestDefect.NoSuchVersion : RequestDefect.Version);
        return ParseStep.Data;
    }

    private ParseStep TakeField(ReadOnlySpan<byte> line, in RequestLimits limits)
    {
        fieldOctets += line.Length + 2;
        if (++fieldCount > limits.HeaderCount) return Refuse(431, "there are too many header fields");
        if (FieldLine.Split(line, out var name, out var known, out var value, out var traits) is { } error) return Refuse(400, error);
        if ((traits & FieldTraits.ContentLength) != FieldTraits.None)
        {
            // RFC 9112 §6.3, rule 5: a list or two lines of it, even equal ones, are an attack.
            if (Fields.ContentLength is not null) return Refuse(400, "Content-Length is repeated");
            if (!FieldLine.TryLength(value, out var length)) return Refuse(400, "Content-Length is not one number");
            Fields.ContentLength = length;
            return ParseStep.Data;
        }

        HasCoding |= (traits & FieldTraits.TransferEncoding) != FieldTraits.None;
        Fields.AddLine(name, known, value, traits);
        return ParseStep.Data;
    }
}
