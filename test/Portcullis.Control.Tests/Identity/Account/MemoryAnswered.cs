using System.Collections.Concurrent;
using Portcullis.Gateway.Identity.Clients;

namespace Portcullis.Control.Tests.Identity.Account;

/// <summary>What was answered, in memory.</summary>
internal sealed class MemoryAnswered : IAssertionsSeen
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> seen = new(StringComparer.Ordinal);

    public int Count => seen.Count;

    public ValueTask<bool> TryAddAsync(string clientId, ReadOnlyMemory<byte> digest, DateTimeOffset until, CancellationToken cancellationToken)
        => new(seen.TryAdd(clientId + Convert.ToHexString(digest.Span), until));
}
