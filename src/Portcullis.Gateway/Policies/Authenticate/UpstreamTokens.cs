using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Scheduling;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>
/// Access tokens that the gateway signs for upstreams, one for each caller and audience, used until shortly before its end: a signature is dear. It is given only
/// to requests whose own credential has just been found good, and it names the session or grant that ends it, so it tells an upstream no more than the caller has.
/// </summary>
internal sealed class UpstreamTokens(RevocationList revocations, TimeProvider clock)
{
    /// <summary>Octets of one generation: about 5,000 tokens.</summary>
    private const long MaximumWeight = 16 * 1024 * 1024;

    private const int Bare = 2560;

    /// <summary>A token is given so long before its end that the upstream can use it for calls of its own; or shorter before the end of the caller's credential.</summary>
    private static readonly TimeSpan Remaining = TimeSpan.FromMinutes(1);

    private readonly RecentEntries<(Caller Caller, string Issuer, string Audience, TimeSpan Lifetime), Place> places = new(MaximumWeight);

    /// <summary>The Authorization field for an upstream; null where the caller's own credential ends this very second.</summary>
    /// <param name="caller">A caller whose credential counts now. Another object is another caller.</param>
    /// <param name="issuer">Signs.</param>
    /// <param name="audience">For whom.</param>
    /// <param name="lifetime">How long at most.</param>
    public ValueTask<string?> GetAsync(Caller caller, AccessTokenIssuer issuer, string audience, TimeSpan lifetime)
    {
        var key = (caller, issuer.Name, audience, lifetime);
        if (places.TryFind(key, out var place) && place.Current is { } made && IsGood(made)) return new(made.Field);
        return SignAsync(key, place, issuer);
    }

    private bool IsGood(Made made) => clock.GetUtcNow() < made.UsedUntil && !made.IsRevoked(revocations);

    private async ValueTask<string?> SignAsync((Caller Caller, string Issuer, string Audience, TimeSpan Lifetime) key, Place? place, AccessTokenIssuer issuer)
    {
        await PoolTurn.TakeAsync();
        if (place is null && !places.TryFind(key, out place)) places.Remember(key, place = new Place(), Bare + (8 * key.Caller.PermissionsHeader.Length) + (4 * key.Caller.LimitKey.Length));

        // A browser asks for a page's parts all at once: they wait for one signature, each in the pool.
        lock (place)
        {
            if (place.Current is { } made && IsGood(made)) return made.Field;
            return Sign(key.Caller, key.Audience, key.Lifetime, issuer) is { } signed ? (place.Current = signed).Field : null;
        }
    }

    private Made? Sign(Caller caller, string audience, TimeSpan longest, AccessTokenIssuer issuer)
    {
        // RFC 8693 §4.1: the subject, with what they may do, and nobody who acts for them but the client they came by. Subjects of outside issuers stand behind
        // their issuer, so that they can't be taken for people of ours.
        var now = clock.GetUtcNow();
        var left = caller.Expires - now;
        var lifetime = left < longest ? left : longest;
        if (lifetime < TimeSpan.FromSeconds(1)) return null;
        var token = issuer.Issue(new AccessTokenRequest
        {
            Subject = caller.Label,
            ClientId = caller.ClientId.Length > 0 ? caller.ClientId : issuer.Name,
            Audience = [audience],
            Lifetime = lifetime,
            Scope = caller.PermissionsHeader,
            Permissions = [.. caller.Permissions.Order(StringComparer.Ordinal)],
            Roles = caller.Roles,
            GrantId = caller.GrantId,
            SessionId = caller.SessionId,
            Authentication = caller.Authentication,
            Tenant = caller.Tenant,
        });
        var marks = new RevocationMarks(
            RevocationMarks.Mark(RevocationKind.Token, string.Empty, token.TokenId),
            RevocationMarks.Mark(RevocationKind.Grant, string.Empty, caller.GrantId),
            RevocationMarks.Mark(RevocationKind.Session, string.Empty, caller.SessionId),
            RevocationMarks.Mark(RevocationKind.Subject, string.Empty, caller.Label),
            RevocationMarks.Mark(RevocationKind.Client, string.Empty, caller.ClientId),
            now.ToUnixTimeSeconds());
        var until = token.ExpiresAt - (left > longest ? Remaining : TimeSpan.FromSeconds(1));
        return new Made("Bearer " + token.Token, until, marks);
    }

    private sealed class Place
    {
        private Made? current;

        public Made? Current
        {
            get => Volatile.Read(ref current);
            set => Volatile.Write(ref current, value);
        }
    }

    /// <param name="Field">The value of the field.</param>
    /// <param name="UsedUntil">From when on a new one is signed.</param>
    /// <param name="Marks">What ends it: an upstream that asks would be told that it does not count.</param>
    private sealed record Made(string Field, DateTimeOffset UsedUntil, RevocationMarks Marks)
    {
        private long clearedAt = -1;

        public bool IsRevoked(RevocationList revocations)
        {
            var version = revocations.Version;
            if (Volatile.Read(ref clearedAt) == version) return false;
            if (revocations.Contains(Marks)) return true;
            Volatile.Write(ref clearedAt, version);
            return false;
        }
    }
}
