using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Connections.Http2.Hpack;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// The fields that open a stream, as a request (RFC 9113 §8.3.1, RFC 8441 §4). What is malformed or ambiguous is refused, and of several
/// reasons the first is told. Reused with its stream; text that comes again is the same string.
/// </summary>
internal sealed class HeadReader : IFieldSink
{
    /// <summary>Most chars of a target that is kept for comparison with the next.</summary>
    private const int MostKept = 1024;

    private static readonly FieldTraits HostTraits = KnownFields.TraitsOf(HeaderNames.Host);

    private readonly FieldTable fields = new(keepsPersonal: true);
    private ListenerLimits limits = null!;
    private RequestDefect? defect;
    private string lastPath = string.Empty;
    private string lastAuthority = string.Empty;
    private string? method;
    private string? path;
    private string? scheme;
    private string? authority;
    private long size;
    private int count;

    public FieldTable Fields => fields;

    public string Method => method ?? string.Empty;

    /// <summary>The target: <c>:path</c>, or the authority of a CONNECT that has none.</summary>
    public string Path => path ?? authority ?? string.Empty;

    /// <summary><c>:protocol</c> of an extended CONNECT; else null.</summary>
    public string? Protocol { get; private set; }

    /// <summary>Prepares for the next block.</summary>
    public void Begin(ListenerLimits now)
    {
        limits = now;
        defect = null;
        method = path = scheme = authority = Protocol = null;
        size = count = 0;
    }

    /// <summary>Drops the fields, but for what the next are compared with.</summary>
    public void Forget() => fields.Clear();

    public bool TakeText(in FieldName name, string value, bool isValueValid)
    {
        if (!Admit(name, value.Length, isValueValid)) return false;
        if (name.Pseudo != PseudoField.None) return TakePseudo(name.Pseudo, value);
        if ((name.Traits & FieldTraits.ContentLength) != FieldTraits.None) return TakeLength(Encoding.Latin1.GetBytes(value));
        if (ReferenceEquals(name.Text, HeaderNames.Cookie) && TakeFurtherCookie(value)) return true;
        fields.AddLine(name.Text, value, name.Traits);
        return true;
    }

    public bool TakeOctets(in FieldName name, ReadOnlySpan<byte> value)
    {
        if (!Admit(name, value.Length, FieldLine.IsValue(value))) return false;
        if (name.Pseudo != PseudoField.None) return TakePseudo(name.Pseudo, TextOf(name.Pseudo, value));
        if ((name.Traits & FieldTraits.ContentLength) != FieldTraits.None) return TakeLength(value);
        if (ReferenceEquals(name.Text, HeaderNames.Cookie) && fields.ContainsKey(HeaderNames.Cookie)) return TakeFurtherCookie(Encoding.Latin1.GetString(value));
        fields.AddLine(name.Text, value, name.Traits);
        return true;
    }

    /// <summary>Judges the whole: why it is refused, or null.</summary>
    /// <param name="isTls">Whether the connection is.</param>
    /// <param name="isWhole">No content follows.</param>
    public RequestDefect? Check(bool isTls, bool isWhole)
    {
        if (defect is not null) return defect;
        if (method is null) return RequestDefect.PseudoField;
        if (!FieldSyntax.IsToken(method)) return RequestDefect.Method;
        if (Protocol is not null && method != HttpMethods.Connect) return RequestDefect.PseudoField;
        if (method == HttpMethods.Connect && Protocol is null)
        {
            // RFC 9113 §8.5.
            if (scheme is not null || path is not null || authority is null) return RequestDefect.PseudoField;
        }
        else if (string.IsNullOrEmpty(scheme) || string.IsNullOrEmpty(path))
        {
            return RequestDefect.PseudoField;
        }
        else if (!scheme.Equals(isTls ? "https" : "http", StringComparison.OrdinalIgnoreCase))
        {
            return RequestDefect.Scheme;
        }

        if (RequestHeaderRules.CheckHttp2(fields) is { } specific) return specific;

        // RFC 9113 §8.1.1.
        if (isWhole && fields.ContentLength > 0) return RequestDefect.LengthWithoutContent;
        return CheckAuthority();
    }

    private RequestDefect? CheckAuthority()
    {
        if (authority is null) return null; // Host is judged with the other fields
        if (authority.Length == 0) return RequestDefect.NoHost;
        if (fields.TryGetValue(HeaderNames.Host, out var host))
        {
            // RFC 9113 §8.3.1: they must not differ, and a server must not go by the one while another goes by the other.
            return host.Count == 1 && authority.Equals(host[0], StringComparison.OrdinalIgnoreCase) ? null : RequestDefect.HostBesideAuthority;
        }

        fields.AddText(HeaderNames.Host, authority, HostTraits);
        return null;
    }

    private bool Admit(in FieldName name, int valueLength, bool isValueValid)
    {
        size += HpackEntry.Size(name.Text.Length, valueLength);
        if (size > limits.HeaderBytes + limits.RequestLineBytes) return Refuse(RequestDefect.TooLarge);
        if (!name.IsValid) return Refuse(RequestDefect.FieldName);
        if (!isValueValid) return Refuse(RequestDefect.FieldValue);
        if (name.Pseudo != PseudoField.None) return count == 0 || Refuse(RequestDefect.PseudoField);
        if (++count > limits.HeaderCount) return Refuse(RequestDefect.TooMany);
        return size <= limits.HeaderBytes || Refuse(RequestDefect.TooLarge);
    }

    private bool TakePseudo(PseudoField field, string value)
    {
        switch (field)
        {
            case PseudoField.Method when method is null:
                method = value;
                return true;
            case PseudoField.Path when path is null:
                path = value;
                return value.Length <= limits.RequestLineBytes || Refuse(RequestDefect.TargetTooLong);
            case PseudoField.Scheme when scheme is null:
                scheme = value;
                return true;
            case PseudoField.Authority when authority is null:
                authority = value;
                return true;
            case PseudoField.Protocol when Protocol is null:
                Protocol = value;
                return true;
            default:
                return Refuse(RequestDefect.PseudoField);
        }
    }

    private bool TakeLength(ReadOnlySpan<byte> value)
    {
        if (fields.ContentLength is not null || !FieldLine.TryLength(value, out var length)) return Refuse(RequestDefect.Length);
        fields.ContentLength = length;
        return true;
    }

    /// <summary>RFC 9113 §8.2.3: a cookie may come in pieces, which belong together.</summary>
    private bool TakeFurtherCookie(string value)
    {
        if (!fields.TryGetValue(HeaderNames.Cookie, out var before)) return false;
        fields[HeaderNames.Cookie] = string.Concat(before.ToString(), "; ", value);
        return true;
    }

    private string TextOf(PseudoField field, ReadOnlySpan<byte> value)
    {
        switch (field)
        {
            case PseudoField.Method:
                return Methods.Find(value);
            case PseudoField.Path:
                return Keep(ref lastPath, value);
            case PseudoField.Authority:
                return Keep(ref lastAuthority, value);
            default:
                return Encoding.Latin1.GetString(value);
        }
    }

    private static string Keep(ref string last, ReadOnlySpan<byte> value)
    {
        if (Ascii.Equals(value, last)) return last;
        var text = Encoding.Latin1.GetString(value);
        if (text.Length <= MostKept) last = text;
        return text;
    }

    private bool Refuse(RequestDefect why)
    {
        defect ??= why;
        return false;
    }
}
