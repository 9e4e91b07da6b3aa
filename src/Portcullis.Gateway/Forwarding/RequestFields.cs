using System.Collections.Frozen;
using Portcullis.Gateway.Connections;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Which of the client's fields go on to the upstream.</summary>
internal static class RequestFields
{
    // Framing and Host are written by the transports, the others by the gateway or not at all.
    private static readonly FrozenSet<string> Dropped = new[]
    {
        "Host", "Content-Length", "Trailer", "Via", "Forwarded", "X-Real-IP", "X-Request-Id", "traceparent", "tracestate",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether the client may say this to an upstream. Fields that only the gateway writes are refused in their spelling with
    /// underscores, too: CGI and its heirs can't tell <c>Portcullis_Subject</c> from <c>Portcullis-Subject</c> (RFC 3875 §4.1.18).
    /// </summary>
    public static bool MayPass(string name, bool forwardAuthorization)
    {
        if (name.Contains('_', StringComparison.Ordinal)) name = name.Replace('_', '-');
        return !Dropped.Contains(name)
            && !EndToEnd.IsHopByHop(name)
            && !ConnectionField.IsOurs(name)
            && (forwardAuthorization || !name.Equals("Authorization", StringComparison.OrdinalIgnoreCase));
    }
}
