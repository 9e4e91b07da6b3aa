using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Which fields concern one hop only and are never passed on, in either direction (RFC 9110 §7.6.1).</summary>
internal static class EndToEnd
{
    /// <summary>A Connection field with more options than this is abuse.</summary>
    public const int MostConnectionOptions = 16;

    private static readonly FrozenSet<string> HopByHop = new[]
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "TE", "Upgrade", "HTTP2-Settings",
        "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Authentication-Info", "Expect",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // RFC 9110 §7.6.1: a sender must not name a field meant for all recipients. Naming one of these makes a proxy drop what
    // the recipient decides by, which is an attack and never an accident.
    private static readonly FrozenSet<string> Protected = new[]
    {
        "Host", "Authorization", "Cookie", "Set-Cookie", "Content-Length", "Content-Type", "Content-Encoding", "Content-Range", "Range",
        "Cache-Control", "Vary", "Location", "Origin", "Via", "Forwarded", "X-Real-IP", "X-Request-Id", "traceparent", "tracestate",
        "Strict-Transport-Security", "Content-Security-Policy", "Sec-WebSocket-Key", "Sec-WebSocket-Accept",
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
    public static bool MayBeTrailer(string name) => !NeverInTrailers.Contains(name) && !IsHopByHop(name) && !IsOurs(name);

    /// <summary>Fields that only the gateway writes.</summary>
    public static bool IsOurs(string name)
        => name.StartsWith("Portcullis-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether Connection names fields to remove, beside the usual options that name none that is left anyway.</summary>
    public static bool NamesFields(StringValues connection)
    {
        foreach (var value in connection)
        {
            foreach (var option in new CommaList(value))
            {
                if (!IsUsual(option)) return true;
            }
        }

        return false;
    }

    /// <summary>Whether Connection names this field. Ask only where <see cref="NamesFields"/> is true.</summary>
    public static bool Names(StringValues connection, string field)
    {
        foreach (var value in connection)
        {
            foreach (var option in new CommaList(value))
            {
                if (option.Equals(field, StringComparison.OrdinalIgnoreCase)) return true;
            }
        }

        return false;
    }

    /// <summary>Whether Connection is used to attack: a protected field named, no token, or too many options.</summary>
    public static bool IsAbused(StringValues connection)
    {
        var count = 0;
        var lookup = Protected.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var value in connection)
        {
            foreach (var option in new CommaList(value))
            {
                if (IsUsual(option)) continue;
                if (++count > MostConnectionOptions || !FieldSyntax.IsToken(option) || lookup.Contains(option)) return true;
                if (option.StartsWith("Portcullis-", StringComparison.OrdinalIgnoreCase) || option.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)) return true;
            }
        }

        return false;
    }

    private static bool IsUsual(ReadOnlySpan<char> option)
        => option.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)
        || option.Equals("close", StringComparison.OrdinalIgnoreCase)
        || option.Equals("upgrade", StringComparison.OrdinalIgnoreCase)
        || option.Equals("te", StringComparison.OrdinalIgnoreCase);
}
