using System.Collections.Concurrent;
using Portcullis.Gateway.Pipeline;
using Portcullis.Trust.Tokens;

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

    /// <summary>
    /// The entry of a token where it is still good: not expired, and the keys and issuers that count are those it was verified
    /// under. A removed key or changed issuer therefore ends every entry made with it at once.
    /// </summary>
    /// <param name="digest">The token.</param>
    /// <param name="issuers">The issuers that count on the route.</param>
    /// <param name="now">Seconds since 1970.</param>
    public Entry? Find(in TokenDigest digest, TrustedIssuers issuers, long now)
    {
        if (!Volatile.Read(ref young).TryGetValue(digest, out var entry))
        {
            if (!Volatile.Read(ref old).TryGetValue(digest, out entry)) return null;
            Add(digest, entry);
        }

        return ReferenceEquals(entry.Source.Keys, entry.Keys) && entry.Issuers.Equals(issuers) ? entry : null;
    }

    public void Remember(in TokenDigest digest, Entry entry) => Add(digest, entry);

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
            Volatile.Write(ref old, young);
            Volatile.Write(ref young, new());
            count = 0;
        }
    }

    /// <summary>A verified token.</summary>
    /// <param name="Caller">Who presents it.</param>
    /// <param name="ExpiresAt">Last moment, in seconds since 1970, at which it is accepted.</param>
    /// <param name="Source">Whose keys verified it.</param>
    /// <param name="Keys">The keys of that moment.</param>
    /// <param name="Issuers">The issuers that counted.</param>
    internal sealed record Entry(Caller Caller, long ExpiresAt, IKeySource Source, JsonWebKeySet Keys, TrustedIssuers Issuers);
}
