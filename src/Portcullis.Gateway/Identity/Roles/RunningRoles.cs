using Portcullis.Gateway.Identity.People;

namespace Portcullis.Gateway.Identity.Roles;

/// <summary>
/// The roles of the configuration that runs, for those who outlive configurations. Before the first one there are none, and they grant nothing. Safe from
/// any thread.
/// </summary>
public sealed class RunningRoles
{
    private volatile Edition current = new(0, RoleSet.Empty, []);

    /// <summary>The roles.</summary>
    public RoleSet Roles => current.Roles;

    /// <summary>The permissions that the configuration names, in routes or roles: what a star can stand for in a token.</summary>
    public IReadOnlyList<string> Vocabulary => current.Vocabulary;

    /// <summary>Grows with each configuration.</summary>
    public long Version => current.Version;

    /// <summary>What somebody with these roles and permissions may do, as a token says it: without stars.</summary>
    public IReadOnlyList<string> Resolve(IEnumerable<string> held, IEnumerable<string> permissions)
    {
        var (_, roles, vocabulary) = current;
        return roles.Effective(held, permissions).Resolve(vocabulary);
    }

    /// <summary>What a person with these roles may do however they signed in, and what after a sign-in with several factors; null where that is no more.</summary>
    public (PersonRights Always, PersonRights? BySeveralFactors) ResolvePerson(IReadOnlyList<string> held)
    {
        var (_, roles, vocabulary) = current;
        var all = roles.Effective(held, []);
        var always = all.ByOneFactor;
        return (new PersonRights(always.Resolve(vocabulary), always.Roles), ReferenceEquals(always, all) ? null : new PersonRights(all.Resolve(vocabulary), all.Roles));
    }

    /// <summary>Another configuration runs from now on. One caller at a time.</summary>
    internal void Publish(RoleSet roles, IReadOnlyList<string> vocabulary) => current = new(current.Version + 1, roles, vocabulary);

    private sealed record Edition(long Version, RoleSet Roles, IReadOnlyList<string> Vocabulary);
}
