using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Addresses;

/// <summary>
/// Who sent a request and how, as far as trusted proxies can vouch for it. Each proxy adds the address it saw to the right end of
/// <c>X-Forwarded-For</c>, so only the part that trusted proxies wrote is worth anything: the walk goes from the right, and the first
/// address that is no trusted proxy is the client.
/// </summary>
/// <param name="Client">The client's address; that of the last trusted proxy where nothing better is known.</param>
/// <param name="IsOfProxy">Whether the request is a trusted proxy's own: the field names nobody else, and nothing that can't be read.</param>
/// <param name="Scheme"><c>http</c> or <c>https</c> as a trusted proxy says, else null.</param>
public readonly record struct ForwardedFor(IPAddress Client, bool IsOfProxy, string? Scheme)
{
    /// <summary>Entries looked at; a longer chain is cut off there, at a proxy of ours.</summary>
    public const int MaximumHops = 32;

    /// <summary>Reads the fields of a request.</summary>
    /// <param name="proxy">The trusted proxy that sent it.</param>
    /// <param name="trusted">The trusted proxies.</param>
    /// <param name="headers">The request's fields.</param>
    public static ForwardedFor Read(IPAddress proxy, CidrSet trusted, IHeaderDictionary headers)
    {
        ArgumentNullException.ThrowIfNull(trusted);
        ArgumentNullException.ThrowIfNull(headers);
        var client = FindClient(proxy, headers["X-Forwarded-For"], trusted, out var hops, out var isOfProxy);
        return new ForwardedFor(client, isOfProxy, ReadScheme(headers["X-Forwarded-Proto"], hops));
    }

    /// <summary>Walks the field from the right.</summary>
    /// <param name="peer">The trusted proxy at the other end.</param>
    /// <param name="field">All lines of X-Forwarded-For.</param>
    /// <param name="trusted">The trusted proxies.</param>
    /// <param name="hops">Entries that were believed.</param>
    /// <param name="isOfProxy">Whether nobody but trusted proxies is named.</param>
    /// <returns>The client. Garbage ends the walk at the last trusted proxy: what stands left of it may be forged.</returns>
    public static IPAddress FindClient(IPAddress peer, in StringValues field, CidrSet trusted, out int hops, out bool isOfProxy)
    {
        ArgumentNullException.ThrowIfNull(trusted);
        var client = peer;
        hops = 0;
        isOfProxy = false;
        for (var line = field.Count - 1; line >= 0; line--)
        {
            var rest = field[line].AsSpan();
            while (!rest.IsEmpty)
            {
                var entry = TakeLast(ref rest);
                if (entry.IsEmpty) continue;
                if (hops == MaximumHops || !TryParse(entry, out var address)) return client;
                hops++;
                client = Cidr.Unmap(address);
                if (!trusted.Contains(client)) return client;
            }
        }

        isOfProxy = true;
        return client;
    }

    private static ReadOnlySpan<char> TakeLast(scoped ref ReadOnlySpan<char> list)
    {
        var comma = list.LastIndexOf(',');
        var entry = list[(comma + 1)..].Trim(" \t");
        list = comma < 0 ? [] : list[..comma];
        return entry;
    }

    // An address, or one with a port: 192.0.2.1, 192.0.2.1:80, 2001:db8::1, [2001:db8::1], [2001:db8::1]:80.
    private static bool TryParse(ReadOnlySpan<char> entry, out IPAddress address)
    {
        if (entry[0] == '[')
        {
            var end = entry.IndexOf(']');
            if (end > 0 && entry[1..end].Contains(':') && (end == entry.Length - 1 || (entry[end + 1] == ':' && IsPort(entry[(end + 2)..]))))
                return Cidr.TryParseAddress(entry[1..end], out address!);
            address = IPAddress.None;
            return false;
        }

        var colon = entry.IndexOf(':');
        if (colon > 0 && colon == entry.LastIndexOf(':'))
        {
            if (IsPort(entry[(colon + 1)..])) return Cidr.TryParseAddress(entry[..colon], out address!);
            address = IPAddress.None;
            return false;
        }

        return Cidr.TryParseAddress(entry, out address!);
    }

    private static bool IsPort(ReadOnlySpan<char> text) => text.Length is > 0 and <= 5 && !text.ContainsAnyExceptInRange('0', '9');

    private static string? ReadScheme(in StringValues field, int hops)
    {
        var value = EntryAt(field, hops);
        if (value.Equals("https", StringComparison.OrdinalIgnoreCase)) return "https";
        return value.Equals("http", StringComparison.OrdinalIgnoreCase) ? "http" : null;
    }

    // Proxies either replace this field, leaving one entry, or add to it like X-Forwarded-For; then the entry of the proxy that saw the client counts.
    private static ReadOnlySpan<char> EntryAt(in StringValues field, int hops)
    {
        ReadOnlySpan<char> found = default;
        for (var line = field.Count - 1; line >= 0; line--)
        {
            var rest = field[line].AsSpan();
            while (!rest.IsEmpty)
            {
                var entry = TakeLast(ref rest);
                if (entry.IsEmpty) continue;
                found = entry;
                if (--hops <= 0) return found;
            }
        }

        return found;
    }
}
