using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Tests.Configuration;

/// <summary>Roles, separation of duties, sessions and passwords in the file: what is taken, what is refused and where.</summary>
public class PeopleRuleTests
{
    [Fact]
    public void Roles_are_written_short_or_long()
    {
        var options = Load.Options(Load.Minimal + """
            roles:
              reader: [orders:read]
              one: orders:read
              clerk: { includes: [reader], permissions: [orders:write] }
              approver: [orders:approve]
            separationOfDuties: [ [orders:write, orders:approve] ]
            """);

        Assert.Equal(["orders:read"], options.Roles["reader"].Permissions);
        Assert.Equal(["orders:read"], options.Roles["one"].Permissions);
        Assert.Equal((1, 1), (options.Roles["clerk"].Includes.Count, options.Roles["clerk"].Permissions.Count));
        Assert.Equal(["orders:write", "orders:approve"], Assert.Single(options.SeparationOfDuties).Permissions);
    }

    [Theory]
    [InlineData("roles: { a: { includes: [b] }, b: { includes: [a] } }", "roles.b.includes[0]", "roles include each other: a → b → a", 1)]
    [InlineData("roles: { reader: [orders:read], clerk: { includes: [raeder] } }", "roles.clerk.includes[0]", "there is no role 'raeder'", 1)]
    [InlineData("roles:\n  reader:\n    - orders:read\n    - orders", "roles.reader.permissions[1]", "'orders' is no permission", 4)]
    [InlineData("roles:\n  reader: [orders:re*]", "roles.reader.permissions[0]", "'orders:re*' is no permission", 2)]
    [InlineData("roles: { boss: [orders:write, orders:approve] }\nseparationOfDuties: [[orders:write, orders:approve]]", "roles.boss", "joins duties that are separated: orders:write (role boss) and orders:approve (role boss) exclude each other", 1)]
    [InlineData("separationOfDuties: [orders:write, orders:approve]", "separationOfDuties[0]", "1 permissions can't exclude each other", 1)]
    [InlineData("separationOfDuties:\n  - [orders:write, orders:write]", "separationOfDuties[0].permissions[1]", "'orders:write' and 'orders:write' have permissions in common, which would exclude themselves", 2)]
    public void What_is_wrong_with_roles_is_told_with_its_place(string yaml, string path, string message, int line)
    {
        var result = Load.Text(Load.Minimal + yaml);

        var error = result.Problems.All.First(problem => problem.IsError);
        Assert.Equal((path, message), (error.Path, error.Message));
        Assert.Equal(Load.Minimal.Count(character => character == '\n') + line, error.Line);
    }

    [Theory]
    [InlineData("session: { idleTimeout: 13h }", "identity.session.idleTimeout", "is longer than absoluteTimeout, so it would never be reached")]
    [InlineData("session: { perUser: 0 }", "identity.session.perUser", "must be from 1 to 100, found '0'")]
    [InlineData("passwords: { minimumLength: 7 }", "identity.passwords.minimumLength", "must be from 8 to 64, found '7'")]
    [InlineData("passwords: { iterations: 1000 }", "identity.passwords.iterations", "must be from 210000 to 10000000, found '1000'")]
    [InlineData("passwords: { serviceWords: [acme, a] }", "identity.passwords.serviceWords[1]", "'a' is too short to be looked for")]
    public void Sessions_and_passwords_have_bounds(string keys, string path, string message)
    {
        var error = Load.Error(With(keys));
        Assert.Equal((path, message), (error.Path, error.Message));
    }

    [Theory]
    [InlineData("session: { idleTimeout: 2h }", "identity.session.idleTimeout")]
    [InlineData("session: { absoluteTimeout: 2d }", "identity.session.absoluteTimeout")]
    [InlineData("passwords: { minimumLength: 8 }", "identity.passwords.minimumLength")]
    public void What_weakens_them_is_warned_about(string keys, string path)
    {
        var result = Load.Text(With(keys));
        Assert.NotNull(result.Options);
        Assert.Equal(path, Assert.Single(result.Problems.All).Path);
    }

    [Theory]
    [InlineData("roles: { admin: { mfa: required, permissions: [\"*:write\"] } }", "roles.admin.permissions[0]")]
    [InlineData("roles: { root: [\"admin:users\"] }", "roles.root.permissions[0]")]
    [InlineData("roles: { clerk: [orders:write] }\nseparationOfDuties: [[orders:write, orders:aprove]]", "separationOfDuties[0].permissions[1]")]
    public void Roles_that_reach_far_and_exclusions_that_meet_nothing_are_warned_about(string yaml, string path)
    {
        var result = Load.Text(Load.Minimal + yaml);
        Assert.NotNull(result.Options);
        Assert.Equal([path], result.Problems.All.Select(problem => problem.Path));
    }

    [Theory]
    [InlineData("roles: { clerk: [orders:read] }", "roles: { clerk: [orders:read, orders:write] }", "role clerk: permission orders:write added", ChangeDirection.Weakens)]
    [InlineData("roles: { clerk: [orders:read, orders:write] }", "roles: { clerk: [orders:read] }", "role clerk: permission orders:write removed", ChangeDirection.Strengthens)]
    [InlineData("roles: { a: [orders:read], b: [orders:write] }", "roles: { a: { permissions: [orders:read], includes: [b] }, b: [orders:write] }", "role a: included role b added", ChangeDirection.Weakens)]
    [InlineData("roles: { a: [orders:read] }", "roles: { a: { permissions: [orders:read], mfa: required } }", "role a: second factor goes from optional to required", ChangeDirection.Strengthens)]
    [InlineData("roles: { a: { permissions: [orders:read], mfa: required } }", "roles: { a: [orders:read] }", "role a: second factor goes from required to optional", ChangeDirection.Weakens)]
    [InlineData("roles: { a: [orders:read] }", "roles: { a: [orders:read], b: [orders:write] }", "role b is defined: whoever was granted it has its permissions", ChangeDirection.Unclear)]
    [InlineData("separationOfDuties: [[orders:write, orders:approve]]", "", "permissions no longer exclude each other", ChangeDirection.Weakens)]
    public void What_a_change_of_roles_does_is_told(string before, string after, string summary, ChangeDirection direction)
    {
        var changes = Diff(Load.Minimal + before, Load.Minimal + after);
        var change = Assert.Single(changes, change => change.Summary.StartsWith(summary, StringComparison.Ordinal));
        Assert.Equal(direction, change.Direction);
    }

    [Theory]
    [InlineData("session: { idleTimeout: 10m }", "session: { idleTimeout: 20m }", ChangeDirection.Weakens)]
    [InlineData("session: { perUser: 3 }", "session: { perUser: 2 }", ChangeDirection.Strengthens)]
    [InlineData("passwords: { minimumLength: 15 }", "passwords: { minimumLength: 12 }", ChangeDirection.Weakens)]
    [InlineData("passwords: { temporaryLifetime: 1d }", "passwords: { temporaryLifetime: 2d }", ChangeDirection.Weakens)]
    [InlineData("passwords: { iterations: 220000 }", "passwords: { iterations: 600000 }", ChangeDirection.Strengthens)]
    public void What_a_change_of_sessions_and_passwords_does_is_told(string before, string after, ChangeDirection direction)
        => Assert.Equal(direction, Assert.Single(Diff(With(before), With(after))).Direction);

    private static IReadOnlyList<ConfigurationChange> Diff(string before, string after) => ConfigurationDiff.Compare(Load.Text(before), Load.Text(after)).Changes;

    private static string With(string keys) => Load.Minimal.Replace("issuer: \"https://api.example.com\"", "issuer: \"https://api.example.com\", " + keys, StringComparison.Ordinal);
}
