using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Gateway.Tests.Identity.Roles;

public sealed class RoleSetTests
{
    private readonly List<RoleDefect> defects = [];

    [Fact]
    public void A_role_has_what_it_names_and_what_the_roles_in_it_have()
    {
        var roles = Compile([("reader", [], ["orders:read"]), ("clerk", ["reader"], ["orders:write"]), ("boss", ["clerk"], ["orders:approve"])]);
        var boss = roles.Effective(["boss"], ["reports:read"]);

        Assert.Empty(defects);
        Assert.Equal(["orders:approve", "orders:read", "orders:write", "reports:read"], boss.Grants.Select(grant => grant.Permission.Text));
        Assert.Equal("role boss, which includes clerk, which includes reader", boss.Grants[1].Way);
        Assert.Equal("granted itself", boss.Grants[3].Way);
        Assert.False(roles.Effective(["clerk"], []).Contains("orders:approve"));
    }

    [Fact]
    public void A_role_that_is_not_defined_and_a_text_that_is_no_permission_grant_nothing()
    {
        var roles = Compile([("reader", [], ["orders:read"])]);
        Assert.Empty(roles.Effective(["readers", "Reader", ""], ["orders", "*", "orders:re*"]).Grants);
        Assert.False(PermissionSet.None.Contains("orders:read"));
        Assert.Empty(RoleSet.Empty.Effective(["reader"], []).Grants);
    }

    [Fact]
    public void A_token_carries_permissions_that_are_known_and_no_stars()
    {
        var roles = Compile([("clerk", [], ["orders:*", "bills:read"])]);
        Assert.Equal(["bills:read", "orders:read", "orders:write"], roles.Effective(["clerk"], []).Among(["orders:write", "orders:read", "orders:read", "bills:read", "bills:write", "orders:lines:read"]));
    }

    [Theory]
    [InlineData("a>a", "roles include each other: a → a")]
    [InlineData("a>b b>a", "roles include each other: a → b → a")]
    [InlineData("a>b b>c c>d d>b", "roles include each other: b → c → d → b")]
    public void A_cycle_is_refused_with_its_path(string inclusions, string text)
    {
        var parts = inclusions.Split(' ').Select(part => part.Split('>')).ToList();
        var roles = Compile([.. parts.Select(part => (part[0], new[] { part[1] }, new[] { "orders:read" }))]);

        var error = Assert.Single(defects, defect => defect.IsError);
        Assert.Equal(text, error.Text);
        Assert.StartsWith("roles.", error.Path);
        Assert.Empty(roles.Names);
    }

    [Fact]
    public void A_role_that_two_roles_include_is_no_cycle()
    {
        var roles = Compile([("a", ["b", "c"], []), ("b", ["d"], []), ("c", ["d"], []), ("d", [], ["orders:read"])]);
        Assert.Empty(defects);
        Assert.Single(roles.Effective(["a"], []).Grants);
    }

    [Fact]
    public void Ladders_of_roles_are_resolved_each_once_and_not_without_end()
    {
        // Two ways at each of 30 steps: a billion paths.
        var ladder = Enumerable.Range(0, 30).SelectMany(i => new[] { ($"l{i}", i == 29 ? [] : new[] { $"l{i + 1}", $"r{i + 1}" }, new[] { "orders:read" }), ($"r{i}", i == 29 ? [] : new[] { $"l{i + 1}", $"r{i + 1}" }, new[] { "orders:read" }) });
        Compile([.. ladder]);
        Assert.Empty(defects);

        Compile([.. Enumerable.Range(0, 900).Select(i => ($"r{i}", new[] { $"r{i + 1}" }, new[] { "orders:read" })), ("r900", [], ["orders:read"])]);
        Assert.Contains(defects, defect => defect.IsError && defect.Text.Contains("32 deep", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("writer approver", "", "orders:write (role writer) and orders:approve (role approver) exclude each other")]
    [InlineData("writer", "orders:approve", "orders:write (role writer) and orders:approve (granted itself) exclude each other")]
    [InlineData("", "orders:approve orders:write", "orders:write (granted itself) and orders:approve (granted itself) exclude each other")]
    [InlineData("boss writer", "", "orders:write (role writer) and orders:approve (role boss, which includes approver) exclude each other")]
    [InlineData("", "orders:*", "orders:write and orders:approve exclude each other, and orders:* (granted itself) grants both")]
    [InlineData("writer", "*:approve", "orders:write (role writer) and orders:approve (granted itself) exclude each other")]
    [InlineData("writer reader", "orders:read", null)]
    [InlineData("", "bills:write bills:approve", null)]
    [InlineData("approver boss", "", null)]
    public void Nobody_holds_two_permissions_that_exclude_each_other(string held, string permissions, string? conflict)
    {
        var roles = Compile([("reader", [], ["orders:read"]), ("writer", [], ["orders:write"]), ("approver", [], ["orders:approve"]), ("boss", ["approver"], [])], ["orders:write", "orders:approve"]);
        Assert.Empty(defects);
        Assert.Equal(conflict, roles.Conflict(Split(held), Split(permissions))?.Text);
    }

    [Fact]
    public void A_grant_that_would_join_them_is_refused()
    {
        var roles = Compile([("writer", [], ["orders:write"]), ("boss", ["approver"], []), ("approver", [], ["orders:approve"])], ["orders:write", "orders:approve"]);

        Assert.Null(roles.RefusalOfGrant([], [], "boss"));
        Assert.Null(roles.RefusalOfGrant(["writer"], [], "writer"));
        Assert.Contains("exclude each other", roles.RefusalOfGrant(["writer"], [], "boss"), StringComparison.Ordinal);
        Assert.Contains("exclude each other", roles.RefusalOfGrant([], ["orders:*"], "writer"), StringComparison.Ordinal);
        Assert.Contains("there is no role", roles.RefusalOfGrant([], [], "bosss"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_role_that_joins_separated_duties_through_its_inclusions_is_an_error()
    {
        var roles = Compile([("writer", [], ["orders:write"]), ("approver", [], ["orders:approve"]), ("boss", ["writer", "approver"], []), ("all", [], ["orders:*"])], ["orders:write", "orders:approve"]);

        Assert.Equal(["roles.all", "roles.boss"], defects.Where(defect => defect.IsError).Select(defect => defect.Path).Order());
        Assert.Empty(roles.Names);
    }

    [Theory]
    [InlineData("orders:write", "separationOfDuties[0]")]
    [InlineData("orders:write orders:write", "separationOfDuties[0].permissions[1]")]
    [InlineData("orders:* orders:approve", "separationOfDuties[0].permissions[1]")]
    [InlineData("orders:write approve", "separationOfDuties[0].permissions[1]")]
    public void An_exclusion_that_can_not_be_meant_is_an_error(string exclusion, string path)
    {
        Compile([("writer", [], ["orders:read"])], Split(exclusion));
        Assert.Equal(path, Assert.Single(defects, defect => defect.IsError).Path);
    }

    private static string[] Split(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private RoleSet Compile((string Name, string[] Includes, string[] Permissions)[] roles, params string[][] exclusions) => RoleSet.Compile(
        roles.ToDictionary(role => role.Name, role => new RoleOptions { Includes = role.Includes, Permissions = role.Permissions }, StringComparer.Ordinal),
        [.. exclusions.Select(names => new SeparationOptions { Permissions = names })],
        defects.Add);
}
