using System.Collections.Frozen;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>
/// What is made of each certificate, by the names that it covers: exact match, then wildcard for one label, then the first certificate.
/// Immutable. Choosing allocates nothing.
/// </summary>
internal sealed class ServerNames<T>
    where T : class
{
    private readonly FrozenDictionary<string, T> exact;
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> wildcards;

    public ServerNames(IReadOnlyList<ServerCertificate> certificates, Func<ServerCertificate, T> make)
    {
        var exactNames = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
        var wildcardNames = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
        T? first = null;
        foreach (var certificate in certificates)
        {
            var made = make(certificate);
            first ??= made;
            foreach (var name in certificate.DnsNames)
            {
                // The first certificate that names a host keeps it.
                if (name.StartsWith("*.", StringComparison.Ordinal)) wildcardNames.TryAdd(name[1..], made);
                else exactNames.TryAdd(name, made);
            }
        }

        Default = first!;
        exact = exactNames.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        wildcards = wildcardNames.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>For clients that name no known host.</summary>
    public T Default { get; }

    public T Select(string? serverName)
    {
        if (string.IsNullOrEmpty(serverName)) return Default;
        if (exact.TryGetValue(serverName, out var found)) return found;
        var dot = serverName.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && wildcards.TryGetValue(serverName.AsSpan(dot), out found) ? found : Default;
    }
}
