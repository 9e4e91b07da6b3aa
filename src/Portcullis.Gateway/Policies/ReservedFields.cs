using System.Collections.Frozen;

namespace Portcullis.Gateway.Policies;

/// <summary>
/// Header fields that no configuration may change: they frame the message, belong to one connection (RFC 9110 §7.6.1) or are
/// statements of the gateway's own, which an upstream relies on.
/// </summary>
internal static class ReservedFields
{
    private const string Own = "Portcullis-";

    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Content-Length", "Transfer-Encoding", "Trailer", "TE", "Connection", "Keep-Alive", "Proxy-Connection", "Upgrade", "HTTP2-Settings", "Expect", "Host",
        "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Authentication-Info", "Sec-WebSocket-Key", "Sec-WebSocket-Accept",
        "X-Request-Id", "Traceparent", "Tracestate", "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host");

    public static bool Contains(string name) => Names.Contains(name) || name.StartsWith(Own, StringComparison.OrdinalIgnoreCase);
}
