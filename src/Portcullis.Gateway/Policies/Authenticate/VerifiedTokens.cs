using System.Collections.Concurrent;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>
/// Tokens whose signature was found good, so that it is checked once. Two generations of at most <see cref="Capacity"/>
/// entries each: when the younger is full it becomes the older and the older is forgotten; a token in use moves to the younger.
/// A forgotten token is verified again.
/// </summary>
internal sealed class VerifiedTokens
{
    /// <summary>Entries of one generation; about 200 octets each.</summary>
    public const int Capacity = 50_000;

    private readonly Lock gate = new();
    private ConcurrentDictionary<TokenDigest, Entry> young = new();
    private ConcurrentDictionary<TokenDigest, Entry> old = new();
    private int count;

    /// <summary>The caller that the token stands for, while it is valid and was verified under the same keys and issuers.</summary>
    /// <param name="digest">The token.</param>
    /// <param name="stamp">Identity of the keys and issuers that count now; an entry made under others is not used.</param>
    /// <param name="now">Seconds since 1970.</param>
    public Caller? Find(in TokenDigest digest, object stamp, long now)
    {
        if (!young.TryGetValue(digest, out var entry))
        {
            if (!old.TryGetValue(digest, out entry)) return null;
            Add(digest, entry);
        }

        return entry.ExpiresAt > now && ReferenceEquals(entry.Stamp, stamp) ? entry.Caller : null;
    }

    /// <summary>Remembers a verified token until <paramref name="expiresAt"/>, in seconds since 1970.</summary>
    public void Remember(in TokenDigest digest, object stamp, Caller caller, long expiresAt) => Add(digest, new Entry(caller, stamp, expiresAt));

    private void Add(in TokenDigest digest, Entry entry)
    {
        if (!young.TryAdd(digest, entry))
        {
            young[digest] = entry;
            return;
        }

        if (Interlocked.Increment(ref count) < Capacity) return;
        lock (gate)
        {
            if (count < Capacity) return;
            old = young;
            young = new();
            count = 0;
        }
    }

    private sealed record Entry(Caller Caller, object Stamp, long ExpiresAt);
}
