using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Gateway.Tests.Identity.Roles;

/// <summary>Roles that ask for a second factor.</summary>
public sealed class StrongRoleTests
{
    private readonly List<RoleDefect> defects = [];

    [Fact]
    public void What_comes_of_such_a_role_alone_counts_by_several_factors_alone()
    {
        var roles = Compile(("reader", false, [], ["orders:read"]), ("administrator", true, [], ["users:write", "orders:read"]));
        var held = roles.Effective(["administrator"], []);
        Assert.True(held.Contains("users:write"));
        Assert.Empty(held.ByOneFactor.Grants);
        Assert.False(held.ByOneFactor.Contains("users:write"));

        // Whatever gives a permission without asking gives it, in either order.
        foreach (var both in (string[][])[["administrator", "reader"], ["reader", "administrator"]])
            Assert.Equal(["orders:read"], roles.Effective(both, []).ByOneFactor.Resolve([]));
        Assert.Equal(["users:write"], roles.Effective(["administrator"], ["users:write"]).ByOneFactor.Resolve([]));
    }

    [Theory]
    [InlineData("outer", "a:outer b:inner", "a:outer")]
    [InlineData("strict", "b:plain c:strict", "")]
    [InlineData("either", "b:inner d:shared", "d:shared")]
    [InlineData("plain outer", "a:outer b:inner b:plain", "a:outer b:plain")]
    public void The_question_goes_with_the_way_by_which_a_permission_comes(string held, string all, string always)
    {
        // outer includes one that asks; strict asks itself, for what it includes, too; either has one permission by two ways.
        var roles = Compile(
            ("inner", true, [], ["b:inner"]), ("plain", false, [], ["b:plain"]), ("outer", false, ["inner"], ["a:outer"]), ("strict", true, ["plain"], ["c:strict"]),
            ("one", true, ["inner"], ["d:shared"]), ("two", false, [], ["d:shared"]), ("either", false, ["one", "two"], []));
        Assert.Empty(defects);
        var effective = roles.Effective(held.Split(' '), []);
        Assert.Equal(all, string.Join(' ', effective.Resolve([])));
        Assert.Equal(always, string.Join(' ', effective.ByOneFactor.Resolve([])));
    }

    [Fact]
    public void A_star_of_such_a_role_gives_nothing_by_one_factor_and_another_role_what_it_names()
    {
        var roles = Compile(("all", true, [], ["orders:*"]), ("reader", false, [], ["orders:read"]));
        var held = roles.Effective(["all", "reader"], []);
        Assert.True(held.Contains("orders:write"));
        Assert.True(held.ByOneFactor.Contains("orders:read"));
        Assert.False(held.ByOneFactor.Contains("orders:write"));
    }

    [Fact]
    public void Who_holds_such_a_role_by_whatever_way_needs_a_factor_be_it_empty()
    {
        var roles = Compile(("inner", true, [], []), ("outer", false, ["middle"], ["a:b"]), ("middle", false, ["inner"], []), ("plain", false, [], ["a:b"]));
        Assert.Equal([true, true, true, false, false], ((string[])["inner", "middle", "outer", "plain", "unknown"]).Select(roles.NeedsFactor));
        Assert.False(RoleSet.Empty.NeedsFactor("inner"));
    }

    [Fact]
    public void A_program_is_asked_for_no_factor()
    {
        var roles = Compile(("administrator", true, [], ["users:write"]));
        Assert.True(roles.Effective(["administrator"], []).OfProgram().ByOneFactor.Contains("users:write"));
        var plain = roles.Effective([], ["a:b"]);
        Assert.Same(plain, plain.OfProgram());
        Assert.Same(plain, plain.ByOneFactor);
        Assert.Same(PermissionSet.None, PermissionSet.None.ByOneFactor);
    }

    [Fact]
    public void A_person_is_told_their_roles_and_permissions_by_what_they_signed_in_with()
    {
        var running = new RunningRoles();
        running.Publish(Compile(("reader", false, [], ["orders:*"]), ("administrator", true, ["reader"], ["users:write"]), ("boss", false, ["administrator"], ["orders:approve"])), ["orders:read", "orders:approve"]);

        var (always, more) = running.ResolvePerson(["boss", "gone", "reader"]);
        Assert.Equal(["orders:approve", "orders:read"], always.Permissions);
        Assert.Equal(["reader"], always.Roles);
        Assert.Equal(["orders:approve", "orders:read", "users:write"], more!.Permissions);
        Assert.Equal(["boss", "reader"], more.Roles);
        Assert.Null(running.ResolvePerson(["reader", "gone"]).BySeveralFactors);
    }

    [Theory]
    [InlineData("*:*", true)]
    [InlineData("*:read", true)]
    [InlineData("admin:users", true)]
    [InlineData("admin:*", true)]
    [InlineData("administration:read", false)]
    [InlineData("orders:admin", false)]
    public void Check_warns_of_a_role_that_administers_and_asks_for_no_factor(string permission, bool isWarned)
    {
        bool IsWarned() => defects.Any(defect => !defect.IsError && defect.Path == "roles.administrator.permissions[0]" && defect.Hint.Contains("mfa: required", StringComparison.Ordinal));
        Compile(("administrator", false, [], [permission]), ("outer", true, ["administrator"], []));
        Assert.Equal(isWarned, IsWarned());

        defects.Clear();
        Compile(("administrator", true, [], [permission]), ("outer", false, ["administrator"], []));
        Assert.False(IsWarned());
    }

    private RoleSet Compile(params (string Name, bool NeedsFactor, string[] Includes, string[] Permissions)[] roles) => RoleSet.Compile(
        roles.ToDictionary(
            role => role.Name, role => new RoleOptions { Includes = role.Includes, Permissions = role.Permissions, Mfa = role.NeedsFactor ? RoleFactor.Required : RoleFactor.Optional }, StringComparer.Ordinal),
        [],
        defects.Add);
}
