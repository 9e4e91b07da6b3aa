using System.Collections.Frozen;
using Portcullis.Gateway.Connections;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Which fields concern one hop only and are never passed on, in either direction (RFC 9110 §7.6.1).</summary>
internal static class EndToEnd
{
    private static readonly FrozenSet<string> HopByHop = new[]
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "TE", "Upgrade", "HTTP2-Settings",
        "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Authentication-Info", "Expect",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // RFC 9110 §6.5.1: framing, routing, authentication and what says how to read the content must not come in trailers.
    private static readonly FrozenSet<string> NeverInTrailers = new[]
    {
        "Host", "Authorization", "Cookie", "Set-Cookie", "Content-Length", "Content-Type", "Content-Encoding", "Content-Range", "Range",
        "Cache-Control", "Trailer", "Location", "WWW-Authenticate", "Max-Forwards", "Age", "Date", "Expires", "Vary", "Retry-After", "X-Request-Id",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the field concerns one hop only, whatever Connection says.</summary>
    public static bool IsHopByHop(string name) => HopByHop.Contains(name) || name.StartsWith(':');

    /// <summary>Whether the field may be passed on as a trailer.</summary>
    public static bool MayBeTrailer(string name) => !NeverInTrailers.Contains(name) && !IsHopByHop(name) && !ConnectionField.IsOurs(name);
}
