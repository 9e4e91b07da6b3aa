using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// What a <c>Connection</c> field names: fields that end with this hop (RFC 9110 §7.6.1), in requests and in responses. The one place
/// that knows which it may not name.
/// </summary>
internal static class ConnectionField
{
    /// <summary>A Connection field with more options than this is abuse.</summary>
    public const int MostOptions = 16;

    // RFC 9110 §7.6.1: a sender must not name a field meant for all recipients. Naming one of these makes a proxy drop what the recipient
    // decides by: identity, framing, routing, caching or policy. That is an attack and never an accident.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Protected = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Host", "Content-Length", "Transfer-Encoding", "Content-Type", "Content-Encoding", "Content-Range", "Authorization", "Cookie",
        "Cookie2", "Set-Cookie", "Origin", "Referer", "Range", "Expect", "Date", "Via", "Max-Forwards", "Cache-Control", "Pragma", "Vary",
        "Location", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Accept", "Accept-Encoding",
        "Forwarded", "X-Real-IP", "X-Request-Id", "X-Api-Key", "Traceparent", "Tracestate", "Idempotency-Key", "Strict-Transport-Security",
        "Content-Security-Policy", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Accept").GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Why the field is refused: an option that is no token, that may not be named, or one too many; null when there is nothing against it.</summary>
    public static RequestDefect? Check(in StringValues connection)
    {
        var count = 0;
        for (var i = 0; i < connection.Count; i++)
        {
            foreach (var option in new CommaList(connection[i]))
            {
                if (NamesNoField(option)) continue;
                if (!FieldSyntax.IsToken(option)) return RequestDefect.ConnectionOption;
                if (Protected.Contains(option) || IsOurs(option)) return RequestDefect.ConnectionNamesEndToEnd;
                if (++count > MostOptions) return RequestDefect.ConnectionOptions;
            }
        }

        return null;
    }

    /// <summary>Whether it names fields at all, beside the usual options that name none that is left anyway.</summary>
    public static bool NamesFields(in StringValues connection)
    {
        for (var i = 0; i < connection.Count; i++)
        {
            foreach (var option in new CommaList(connection[i]))
            {
                if (!NamesNoField(option)) return true;
            }
        }

        return false;
    }

    /// <summary>Whether it names this field or option.</summary>
    public static bool Names(in StringValues connection, string field)
    {
        for (var i = 0; i < connection.Count; i++)
        {
            foreach (var option in new CommaList(connection[i]))
            {
                if (option.Equals(field, StringComparison.OrdinalIgnoreCase)) return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Takes the fields that a request's Connection names out of it. Done before anything looks at the request, so that what policies
    /// judge is what goes upstream, and what they set under such a name stays.
    /// </summary>
    public static void RemoveNamedFields(IHeaderDictionary headers)
    {
        var connection = headers.Connection;
        if (connection.Count == 0 || !NamesFields(connection)) return;
        for (var i = 0; i < connection.Count; i++)
        {
            foreach (var option in new CommaList(connection[i]))
            {
                if (!NamesNoField(option)) headers.Remove(option.ToString());
            }
        }
    }

    /// <summary>Fields that only the gateway writes.</summary>
    public static bool IsOurs(ReadOnlySpan<char> name)
        => name.StartsWith("Portcullis-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase);

    // The hop-by-hop fields of these names are nobody's to pass on, named or not.
    private static bool NamesNoField(ReadOnlySpan<char> option)
        => option.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)
        || option.Equals("close", StringComparison.OrdinalIgnoreCase)
        || option.Equals("upgrade", StringComparison.OrdinalIgnoreCase)
        || option.Equals("te", StringComparison.OrdinalIgnoreCase);
}
