using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Identity.Roles;

public sealed class RunningRolesTests
{
    private const string Configuration = """
        listeners: { public: { address: 127.0.0.1:0 } }
        identity: { issuer: "https://issuer.example" }
        roles:
          reader: [orders:read, "bills:*"]
          auditor: ["*:read"]
        routes:
          write: { match: { path: /write }, redirect: {}, policies: { authenticate: token, authorize: { permissions: [orders:write], anyOf: [bills:pay, bills:read] } } }
          any: { match: { path: /any }, redirect: {}, policies: { authenticate: token, authorize: authenticated } }
          open: { match: { path: /open }, redirect: {}, policies: { authenticate: none } }
        """;

    [Fact]
    public async Task A_star_stands_in_tokens_for_what_routes_and_roles_name()
    {
        await using var gateway = await TestGateway.StartAsync(Configuration);
        Assert.Equal(["bills:pay", "bills:read", "orders:read", "orders:write"], PermissionVocabulary.Of(gateway.Host.Options!));

        var roles = gateway.Host.Roles;
        Assert.Equal(["bills:pay", "bills:read", "orders:read"], roles.Resolve(["reader"], []));
        Assert.Equal(["bills:read", "orders:read"], roles.Resolve(["auditor"], []));

        // What is granted as it is written stays, whether anything names it or not.
        Assert.Equal(["bills:read", "orders:read", "stock:count"], roles.Resolve(["auditor"], ["stock:count"]));
        Assert.Empty(roles.Resolve(["unknown"], []));
    }

    [Fact]
    public async Task A_configuration_that_is_taken_over_brings_its_roles_and_one_with_errors_does_not()
    {
        await using var gateway = await TestGateway.StartAsync(Configuration);
        var before = gateway.Host.Roles.Version;

        Assert.NotEmpty(await gateway.ApplyAsync(Configuration.Replace("auditor: [", "auditor: [nonsense, ", StringComparison.Ordinal)));
        Assert.Equal(before, gateway.Host.Roles.Version);
        Assert.Equal(["bills:read", "orders:read"], gateway.Host.Roles.Resolve(["auditor"], []));

        Assert.Empty(await gateway.ApplyAsync(Configuration.Replace("auditor: [\"*:read\"]", "auditor: [bills:read]", StringComparison.Ordinal)));
        Assert.NotEqual(before, gateway.Host.Roles.Version);
        Assert.Equal(["bills:read"], gateway.Host.Roles.Resolve(["auditor"], []));
    }

    [Fact]
    public void Before_the_first_configuration_nobody_has_anything_by_a_role()
    {
        var roles = new RunningRoles();
        Assert.Empty(roles.Resolve(["reader"], []));
        Assert.Equal(["a:b"], roles.Resolve(["reader"], ["a:b"]));
    }
}
