using System.Collections.Concurrent;
using Portcullis.Gateway.Identity.ApiKeys;
using Portcullis.Trust.ApiKeys;

namespace Portcullis.Gateway.Tests.Identity.Memory;

/// <summary>API keys kept in memory.</summary>
internal sealed class MemoryApiKeys : IApiKeys
{
    private readonly ConcurrentDictionary<string, KnownApiKey> keys = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> used = new();
    private int lookUps;

    /// <summary>How often a key was looked for.</summary>
    public int LookUps => Volatile.Read(ref lookUps);

    /// <summary>Ids of keys that were used, in order.</summary>
    public IReadOnlyCollection<string> UsedKeys => used;

    /// <summary>A fresh key; returns its text.</summary>
    public string Add(string id, string subject, DateTimeOffset expires, string? tenant, params string[] permissions)
    {
        var text = ApiKeyText.Generate();
        keys[Convert.ToHexString(ApiKeyText.Hash(text))] = new KnownApiKey(id, subject, IsPerson: true, permissions, expires) { Tenant = tenant };
        return text.Reveal();
    }

    public void Revoke(string id)
    {
        foreach (var (hash, key) in keys)
        {
            if (key.Id == id) keys.TryRemove(hash, out _);
        }
    }

    public ValueTask<KnownApiKey?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref lookUps);
        return new(keys.GetValueOrDefault(Convert.ToHexString(hash.Span)));
    }

    public void Used(string keyId) => used.Enqueue(keyId);
}
