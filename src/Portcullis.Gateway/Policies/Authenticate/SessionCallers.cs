using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authorize;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>
/// Callers of sessions, so that one who stays the same is one object from request to request. Whether the session still stands, and what the person may do, is
/// asked each time; who has changed is a new caller, for whom nothing that was made for the former counts.
/// </summary>
internal sealed class SessionCallers
{
    /// <summary>Octets of one generation: about 10,000 sessions with some dozen permissions each.</summary>
    private const long MaximumWeight = 16 * 1024 * 1024;

    private const int Bare = 1024;
    private const int PerPermission = 96;

    private readonly RecentEntries<string, Known> callers = new(MaximumWeight);

    /// <summary>The caller of a session.</summary>
    public Caller For(SignedInPerson signedIn, Person person)
    {
        var more = signedIn.Authentication.HasSeveralFactors() ? null : person.BySeveralFactors;
        if (callers.TryFind(signedIn.SessionId, out var known) && known.HasSame(more) && IsSame(known.Caller, signedIn, person)) return known.Caller;
        var caller = new Caller(person.Subject, string.Empty, person.PermissionsBy(signedIn.Authentication))
        {
            Tenant = TenantName.Of(person.Tenant),
            Authentication = signedIn.Authentication,
            Roles = person.RolesBy(signedIn.Authentication),
            WouldHold = more is null ? null : permission => more.Permissions.Contains(permission),
            SessionId = signedIn.SessionId,
        };
        callers.Remember(signedIn.SessionId, new Known(caller, more), Bare + (PerPermission * caller.Permissions.Count) + (4 * caller.PermissionsHeader.Length));
        return caller;
    }

    private static bool IsSame(Caller known, SignedInPerson signedIn, Person person)
    {
        if (known.Subject != person.Subject || known.Tenant != TenantName.Of(person.Tenant) || !known.Roles.SequenceEqual(person.RolesBy(signedIn.Authentication))) return false;
        if (known.Authentication is not { } authentication || authentication.At != signedIn.Authentication.At || !authentication.Methods.SequenceEqual(signedIn.Authentication.Methods)) return false;
        var count = 0;
        foreach (var permission in person.PermissionsBy(signedIn.Authentication))
        {
            if (!known.Permissions.Contains(permission)) return false;
            count++;
        }

        return count == known.Permissions.Count;
    }

    /// <param name="Caller">The caller.</param>
    /// <param name="More">What a second factor would give them; null: nothing.</param>
    private sealed record Known(Caller Caller, PersonRights? More)
    {
        public bool HasSame(PersonRights? more)
            => ReferenceEquals(More, more) || (More is not null && more is not null && More.Permissions.Count == more.Permissions.Count && More.Permissions.All(more.Permissions.Contains));
    }
}
