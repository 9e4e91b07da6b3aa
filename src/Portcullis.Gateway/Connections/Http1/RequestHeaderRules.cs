using System.Buffers;
using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// What a request's fields must satisfy beyond what their parser checks, before anything reads them. Where HTTP lets a recipient repair
/// or ignore, these rules refuse: the upstream might repair it differently. Pure and thread safe; nothing is allocated.
/// </summary>
/// <remarks>
/// The rules: field names are tokens; values hold no control character but HTAB; Host exactly once (not needed in HTTP/1.0);
/// Transfer-Encoding exactly <c>chunked</c>, in HTTP/1.1 only, and never beside Content-Length; Expect only <c>100-continue</c>;
/// Connection lists only tokens and no field that ends at the origin; in HTTP/2 no connection-specific field, TE only <c>trailers</c>.
/// Content in any method is let through: RFC 9110 §9.3 leaves it to the origin. <c>Upgrade</c> is not refused either, since clients offer
/// what servers may ignore (RFC 9110 §7.8).
/// </remarks>
public static class RequestHeaderRules
{
    // RFC 9110 §5.5: all of US-ASCII's control characters but HTAB.
    private static readonly SearchValues<char> ValueControls = SearchValues.Create(
        "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f");

    // RFC 3986 §3.2.2, §3.2.3: names, addresses and ports. More is said about it where it is read.
    private static readonly SearchValues<char> HostChars = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:[]%");

    // RFC 9110 §6.5.1: framing, routing, request modifiers, authentication, and how to process the content.
    private static readonly FrozenSet<string> NeverTrailers = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Transfer-Encoding", "Content-Length", "Content-Encoding", "Content-Type", "Content-Range", "Content-Location", "Trailer", "TE", "Connection",
        "Keep-Alive", "Proxy-Connection", "Upgrade", "Host", "Expect", "Max-Forwards", "Cache-Control", "Pragma", "Range", "If-Match", "If-None-Match",
        "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Authorization", "Proxy-Authorization", "Proxy-Authenticate", "WWW-Authenticate",
        "Cookie", "Set-Cookie", "Origin", "Referer", "Via", "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP",
        "X-Request-Id", "X-Api-Key", "Traceparent", "Tracestate");

    /// <summary>Checks the head of a request; null when there is nothing against it.</summary>
    /// <param name="headers">The fields.</param>
    /// <param name="protocol">The version: <c>HTTP/1.0</c>, <c>HTTP/1.1</c> or <c>HTTP/2</c>.</param>
    public static RequestDefect? Check(IHeaderDictionary headers, string protocol) => Check(headers, protocol, out _);

    /// <summary>Checks the head of a request, and says in the same walk whether all field names are plain (<see cref="VariableName"/>).</summary>
    internal static RequestDefect? Check(IHeaderDictionary headers, string protocol, out bool arePlain)
    {
        arePlain = true;
        if (headers is FieldTable parsed)
        {
            // The parser of HTTP/1.1 has checked each field.
            foreach (ref readonly var field in parsed.Fields)
                arePlain = arePlain && ((field.Traits & FieldTraits.Known) != FieldTraits.None || VariableName.IsPlain(field.Name));
            return CheckMeaning(headers, protocol);
        }

        foreach (var (name, values) in headers)
        {
            arePlain = arePlain && VariableName.IsPlain(name);
            if (CheckField(name, values) is { } defect) return defect;
        }

        return CheckMeaning(headers, protocol);
    }

    /// <summary>Checks what a server must know of an HTTP/1.1 or 1.0 request to find its end and its host; null when there is nothing against it.</summary>
    internal static RequestDefect? CheckMessage(FieldTable fields, string method, bool isHttp11)
    {
        if (!isHttp11 && fields.ContentLength is null && (HttpMethods.IsPost(method) || HttpMethods.IsPut(method))) return RequestDefect.NoLengthBeforeHttp11;
        var host = fields.Host;
        if (host.Count > 1) return RequestDefect.TwoHosts;
        if (host.Count == 0 || host[0]!.Length == 0)
        {
            if (isHttp11) return RequestDefect.NoHost;
        }
        else if (host[0].AsSpan().ContainsAnyExcept(HostChars))
        {
            return RequestDefect.Host;
        }

        var coding = fields.TransferEncoding;
        if (coding.Count == 0) return null;
        if (!isHttp11) return RequestDefect.FramingBeforeHttp11;
        if (fields.ContentLength is not null) return RequestDefect.TwoFramings;
        return CheckCoding(coding);
    }

    /// <summary>Checks trailer fields; null when there is nothing against them.</summary>
    public static RequestDefect? CheckTrailers(IHeaderDictionary trailers)
    {
        foreach (var (name, values) in trailers)
        {
            if (CheckField(name, values) is { } defect) return defect;
            if (NeverTrailers.Contains(name) || ConnectionField.IsOurs(name)) return RequestDefect.TrailerName;
        }

        return null;
    }

    private static RequestDefect? CheckField(string name, in StringValues values)
    {
        if (!FieldSyntax.IsToken(name)) return RequestDefect.FieldName;
        for (var i = 0; i < values.Count; i++)
        {
            var value = values[i].AsSpan();
            if (value.IsEmpty) continue;
            if (value.ContainsAny(ValueControls)) return RequestDefect.FieldValue;

            // Only over HTTP/2: the parser of HTTP/1.1 takes it off, and what a recipient of RFC 9113 does with it is its own affair.
            if (value[0] is ' ' or '\t' || value[^1] is ' ' or '\t') return RequestDefect.FieldSpace;
        }

        return null;
    }

    private static RequestDefect? CheckMeaning(IHeaderDictionary headers, string protocol)
    {
        var isHttp2 = HttpProtocol.IsHttp2(protocol);
        var isHttp10 = HttpProtocol.IsHttp10(protocol);

        var host = headers.Host;
        if (host.Count > 1) return RequestDefect.TwoHosts;
        if (!isHttp10 && (host.Count == 0 || string.IsNullOrEmpty(host[0]))) return RequestDefect.NoHost;
        if (headers.Expect is { Count: > 0 } expect && (expect.Count > 1 || !"100-continue".Equals(expect[0], StringComparison.OrdinalIgnoreCase)))
            return RequestDefect.Expectation;

        return isHttp2 ? CheckHttp2(headers) : CheckFraming(headers, isHttp10) ?? ConnectionField.Check(headers.Connection);
    }

    private static RequestDefect? CheckFraming(IHeaderDictionary headers, bool isHttp10)
    {
        var coding = headers.TransferEncoding;
        if (coding.Count == 0) return null;
        if (isHttp10) return RequestDefect.FramingBeforeHttp11;
        if (headers.ContentLength is not null) return RequestDefect.TwoFramings;
        return CheckCoding(coding);
    }

    private static RequestDefect? CheckCoding(in StringValues coding)
    {
        if (coding.Count == 1 && "chunked".Equals(coding[0], StringComparison.OrdinalIgnoreCase)) return null;
        return coding.Count == 1 && coding[0] is { } only && !only.Contains("chunked", StringComparison.OrdinalIgnoreCase) ? RequestDefect.Coding : RequestDefect.Codings;
    }

    /// <summary>Checks what HTTP/2 has no place for (RFC 9113 §8.2.2); null when there is nothing against it.</summary>
    internal static RequestDefect? CheckHttp2(IHeaderDictionary headers)
    {
        if (headers.Connection.Count > 0 || headers.TransferEncoding.Count > 0 || headers.Upgrade.Count > 0 || headers.KeepAlive.Count > 0
            || headers.ContainsKey("Proxy-Connection"))
            return RequestDefect.ConnectionSpecific;
        return headers.TE is { Count: > 0 } te && (te.Count > 1 || !"trailers".Equals(te[0], StringComparison.OrdinalIgnoreCase)) ? RequestDefect.Te : null;
    }
}
