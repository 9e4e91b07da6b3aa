using System.Collections.Concurrent;
using Portcullis.Gateway.Identity.Clients;

namespace Portcullis.Gateway.Tests.Identity.Memory;

/// <summary>Used assertions, remembered for ever.</summary>
internal sealed class MemoryAssertions : IAssertionsSeen
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> seen = new(StringComparer.Ordinal);

    public ValueTask<bool> TryAddAsync(string clientId, ReadOnlyMemory<byte> digest, DateTimeOffset until, CancellationToken cancellationToken)
        => new(seen.TryAdd($"{clientId} {Convert.ToHexString(digest.Span)}", until));
}
