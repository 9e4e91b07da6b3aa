using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Forwarding;

/// <summary>What consistent hashing hashes.</summary>
internal static class RequestKey
{
    /// <summary>The hash of the configured part of the request; of the client's address where that part is not there.</summary>
    public static ulong Hash(Exchange exchange, HashOptions options)
    {
        if (options is { On: HashKey.Header, Name: { } header } && exchange.RequestHeaders.TryGetValue(header, out var values) && values.Count > 0)
        {
            return StableHash.Of(values[0].AsSpan());
        }

        if (options is { On: HashKey.Cookie, Name: { } name })
        {
            var cookie = Cookies.Find(exchange.RequestHeaders.Cookie, name);
            if (!cookie.IsEmpty) return StableHash.Of(cookie);
        }

        Span<byte> address = stackalloc byte[16];
        exchange.ClientAddress.TryWriteBytes(address, out var length);
        return StableHash.Of(address[..length]);
    }
}
