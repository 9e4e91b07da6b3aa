using static Portcullis.Gateway.Configuration.Comparison.Judgement;
using static Portcullis.Gateway.Configuration.Comparison.Meaning;

namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>What changes of roles, sessions and passwords mean.</summary>
internal static class PeopleMeaning
{
    public static IEnumerable<SecurityRule> Rules =>
    [
        // A role by itself gives nobody anything, but grants of its name may be waiting.
        new("roles.*", change => change.IsAdded
            ? Unclear($"role {change.Segments[1]} is defined: whoever was granted it has its permissions")
            : change.IsRemoved ? Strengthens($"role {change.Segments[1]} is removed: its holders lose its permissions") : null),
        Grants("roles.*.permissions", "permission"),
        Grants("roles.*.includes", "included role"),
        Scale("roles.*.mfa", "second factor", "optional", "required"),
        new("separationOfDuties.*", change => change.IsAdded
            ? Strengthens("further permissions exclude each other")
            : change.IsRemoved ? Weakens("permissions no longer exclude each other") : null),
        new("separationOfDuties.*.permissions.*", change => change.IsAdded
            ? Strengthens($"{change.Item} is among permissions that exclude each other")
            : change.IsRemoved ? Weakens($"{change.Item} is no longer among permissions that exclude each other") : null),

        Limit("identity.session.idleTimeout", "time that an unused session lasts"),
        Limit("identity.session.absoluteTimeout", "time that a session lasts"),
        Limit("identity.session.perUser", "number of sessions of one person"),
        Floor("identity.passwords.minimumLength", "fewest characters of a password"),
        Floor("identity.passwords.iterations", "cost of hashing a password"),
        Limit("identity.passwords.temporaryLifetime", "time that a temporary password can be used"),
        Denies("identity.passwords.serviceWords", "name that may not make up a password"),
    ];
}
