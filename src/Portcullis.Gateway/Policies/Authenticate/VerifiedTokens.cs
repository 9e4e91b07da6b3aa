using System.Collections.Concurrent;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Pipeline;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>
/// Tokens whose signature was found good, so that it is checked once. Two generations of at most <see cref="MaximumWeight"/> each:
/// when the younger is full, expired tokens go; where that frees less than half, it becomes the older and the older is forgotten. A token
/// in use moves to the younger. A forgotten token is verified again. An expired one stays until then: it is refused without verifying.
/// </summary>
internal sealed class VerifiedTokens(long maximumWeight = VerifiedTokens.MaximumWeight)
{
    /// <summary>Octets of one generation: room for about 30,000 tokens with a few permissions each.</summary>
    public const long MaximumWeight = 32 * 1024 * 1024;

    private readonly Lock gate = new();
    private ConcurrentDictionary<TokenDigest, Entry> young = new();
    private ConcurrentDictionary<TokenDigest, Entry> old = new();
    private long weight;

    /// <summary>How many tokens are known.</summary>
    public int Count => young.Count + old.Count;

    /// <summary>
    /// The entry of a token where the keys and issuers that count are those it was verified under. A removed key or changed issuer
    /// therefore ends every entry made with it at once. Whether the token has expired is for the caller to see.
    /// </summary>
    /// <param name="digest">The token.</param>
    /// <param name="issuers">The issuers that count on the route.</param>
    /// <param name="now">Seconds since 1970.</param>
    public Entry? Find(in TokenDigest digest, TrustedIssuers issuers, long now)
    {
        if (!Volatile.Read(ref young).TryGetValue(digest, out var entry))
        {
            if (!Volatile.Read(ref old).TryGetValue(digest, out entry)) return null;
            Remember(digest, entry, now);
        }

        return entry.IsUnder(issuers) ? entry : null;
    }

    /// <summary>Adds a token, or replaces what was known of it.</summary>
    public void Remember(in TokenDigest digest, Entry entry, long now)
    {
        if (!young.TryAdd(digest, entry))
        {
            young[digest] = entry;
            return;
        }

        if (Interlocked.Add(ref weight, entry.Weight) >= maximumWeight) MakeRoom(now);
    }

    private void MakeRoom(long now)
    {
        lock (gate)
        {
            if (weight < maximumWeight) return;

            var kept = 0L;
            foreach (var (digest, entry) in young)
            {
                if (now < entry.RefusedFrom) kept += entry.Weight;
                else young.TryRemove(digest, out _);
            }

            if (kept > maximumWeight / 2)
            {
                Volatile.Write(ref old, young);
                Volatile.Write(ref young, new());
                kept = 0;
            }

            Volatile.Write(ref weight, kept);
        }
    }

    /// <summary>A verified token.</summary>
    /// <param name="Caller">Who presents it.</param>
    /// <param name="RefusedFrom">From which second since 1970 on it is expired, differing clocks allowed for.</param>
    /// <param name="Source">Whose keys verified it.</param>
    /// <param name="Keys">The keys of that moment.</param>
    /// <param name="Issuers">The issuers that counted.</param>
    /// <param name="Marks">By what it can be revoked.</param>
    /// <param name="Binding">The certificate that must come with it; null for none.</param>
    internal sealed record Entry(Caller Caller, long RefusedFrom, IKeySource Source, JsonWebKeySet Keys, TrustedIssuers Issuers, RevocationMarks Marks, TokenBinding? Binding = null)
    {
        // The entry, its place in the table and a caller with ids, sign-in and binding.
        private const int Bare = 1152;

        // The version of the list in which it was looked up last and not found.
        private long clearedAt = -1;

        /// <summary>Whether it has been revoked. One comparison unless the list has grown since it was asked last.</summary>
        public bool IsRevoked(RevocationList revocations)
        {
            // Read before the look-up: what is added meanwhile has a later number, and is looked for by the next request.
            var version = revocations.Version;
            if (Volatile.Read(ref clearedAt) == version) return false;
            if (revocations.Contains(Marks)) return true;
            Volatile.Write(ref clearedAt, version);
            return false;
        }

        // What the subject could do when that was looked up last.
        private Standing? standing;

        /// <summary>The client that a person's grant was given to, which must have the permissions, too; null for tokens of all other kinds.</summary>
        public string? Grantee { get; init; }

        /// <summary>
        /// The caller with what of the token's permissions its subject, and grantee, have now. One comparison unless somebody's have changed since it was asked
        /// last. Never more than the token says, and all of it where an outside issuer vouches.
        /// </summary>
        public Caller CallerNow(IEntitlements? entitlements)
        {
            if (entitlements is null) return Caller;

            // Read before the look-up, as in IsRevoked.
            var version = entitlements.Version;
            var known = Volatile.Read(ref standing);
            if (known?.Version == version) return known.Caller;

            // Who may do the same as before stays the same object, for which things are kept elsewhere. What a second factor would give is known to the new one alone.
            var caller = Callers.Limit(Caller, Grantee, entitlements);
            if (caller.WouldHold is null && known?.Caller is { WouldHold: null } former && former.Permissions.SetEquals(caller.Permissions) && former.Roles.SequenceEqual(caller.Roles)) caller = former;
            Volatile.Write(ref standing, new Standing(version, caller));
            return caller;
        }

        private sealed record Standing(long Version, Caller Caller);

        // A permission's own string and its place in the set, beside its letters.
        private const int PerPermission = 96;

        /// <summary>Whether the keys and issuers that count are those that it was verified under.</summary>
        public bool IsUnder(TrustedIssuers issuers) => ReferenceEquals(Source.Keys, Keys) && Issuers.Equals(issuers);

        /// <summary>About how many octets of memory it takes: letters count twice, and permissions stand in the set and in the header.</summary>
        public int Weight { get; } = Bare + (Caller.Permissions.Count * PerPermission) + (4 * Caller.PermissionsHeader.Length) + (4 * Caller.LimitKey.Length);
    }
}
