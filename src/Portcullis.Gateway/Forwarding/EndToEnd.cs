using System.Collections.Frozen;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Which fields concern one hop only and are never passed on, in either direction (RFC 9110 §7.6.1).</summary>
internal static class EndToEnd
{
    private static readonly FrozenSet<string> HopByHop = new[]
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "TE", "Upgrade", "HTTP2-Settings",
        "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Authentication-Info", "Expect",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // RFC 9110 §6.5.1: framing, routing, request modifiers, authentication, control data and what says how to read the content.
    private static readonly FrozenSet<string> NeverInTrailers = new[]
    {
        "Host", "Content-Length", "Content-Type", "Content-Encoding", "Content-Range", "Content-Location", "Trailer", "Max-Forwards",
        "Authorization", "WWW-Authenticate", "Authentication-Info", "Cookie", "Set-Cookie", "X-Api-Key",
        "Cache-Control", "Pragma", "Age", "Date", "Expires", "Vary", "Warning", "Location", "Retry-After",
        "Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Origin", "Referer",
        "Via", "Forwarded", "X-Real-IP", "X-Request-Id", "traceparent", "tracestate",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the field concerns one hop only, whatever Connection says.</summary>
    public static bool IsHopByHop(string name) => HopByHop.Contains(name) || name.StartsWith(':');

    /// <summary>Whether the field has no place in a message of HTTP/2 (RFC 9113 §8.2.2).</summary>
    public static bool IsConnectionSpecific(string name)
        => name.Equals("Connection", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Keep-Alive", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Proxy-Connection", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the field may be passed on as a trailer.</summary>
    public static bool MayBeTrailer(string name) => !NeverInTrailers.Contains(name) && !IsHopByHop(name) && !ConnectionField.IsOurs(name);
}
