using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Policies.Authorize;
using Portcullis.Gateway.Tests.Pipeline;

namespace Portcullis.Gateway.Tests.Policies.Authorize;

public sealed class AuthorizePolicyTests
{
    private static readonly AuthorizePolicyKind Kind = new();

    private readonly PolicyBench bench = new();

    [Theory]
    [InlineData("orders:read", 200)]
    [InlineData("orders:read orders:write", 200)]
    [InlineData("orders:write", 403)]
    [InlineData("", 403)]
    [InlineData("orders:*", 403)]
    [InlineData("*", 403)]
    [InlineData("Orders:Read", 403)]
    [InlineData("orders:read2", 403)]
    [InlineData("orders", 403)]
    public async Task The_permission_is_needed_as_written(string held, int status)
    {
        var route = bench.Route(Kind, new AuthorizeOptions { Permissions = ["orders:read"] });

        Assert.Equal(status, (await Send(route, held)).StatusCode);
    }

    [Theory]
    [InlineData("orders:read orders:write", 200)]
    [InlineData("orders:read", 403)]
    [InlineData("orders:write", 403)]
    public async Task All_permissions_are_needed(string held, int status)
    {
        var route = bench.Route(Kind, new AuthorizeOptions { Permissions = ["orders:read", "orders:write"] });

        Assert.Equal(status, (await Send(route, held)).StatusCode);
    }

    [Theory]
    [InlineData("orders:read a:b", 200)]
    [InlineData("orders:read c:d", 200)]
    [InlineData("orders:read", 403)]
    [InlineData("a:b c:d", 403)]
    public async Task One_of_anyOf_is_needed_beside_all_of_the_others(string held, int status)
    {
        var route = bench.Route(Kind, new AuthorizeOptions { Permissions = ["orders:read"], AnyOf = ["a:b", "c:d"] });

        Assert.Equal(status, (await Send(route, held)).StatusCode);
    }

    [Fact]
    public async Task Authenticated_lets_in_every_caller_but_nobody_without_a_credential()
    {
        var route = bench.Route(Kind, new AuthorizeOptions { Permissions = ["authenticated"] });

        Assert.Equal(200, (await Send(route, string.Empty)).StatusCode);
        var anonymous = await PolicyBench.Run(route, ExchangeFactory.Create(caller: Caller.Anonymous));
        Assert.Equal(401, anonymous.StatusCode);
        Assert.Equal("Bearer", anonymous.ResponseHeaders.WWWAuthenticate);
        Assert.Equal(401, (await PolicyBench.Run(route, ExchangeFactory.Create(caller: null))).StatusCode);
    }

    [Fact]
    public async Task A_refused_bearer_is_told_the_scope_it_lacks()
    {
        var route = bench.Route(Kind, new AuthorizeOptions { Permissions = ["orders:read", "orders:write"] });

        var refused = await Send(route, "orders:read");

        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"orders:read orders:write\"", refused.ResponseHeaders.WWWAuthenticate);
        Assert.Equal(RefusalCode.PermissionDenied, refused.Code);
        Assert.Equal("lacks orders:write", refused.Cause);
        Assert.DoesNotContain("orders:write", ExchangeFactory.BodyOf(refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DenyAll_refuses_also_a_caller_with_every_permission()
    {
        var route = PolicyBench.Route([AuthorizePolicy.DenyAll]);

        var refused = await Send(route, "orders:read orders:write admin:all");

        Assert.Equal(403, refused.StatusCode);
        Assert.Equal("the route names no permission", refused.Cause);
    }

    [Theory]
    [InlineData("orders")]
    [InlineData("orders:")]
    [InlineData(":read")]
    [InlineData("orders::read")]
    [InlineData("orders:*")]
    [InlineData("*")]
    [InlineData("orders:read write")]
    [InlineData("orders:read\"")]
    [InlineData("orders:read\r\nX: y")]
    [InlineData("órders:read")]
    [InlineData("")]
    public void A_name_that_is_no_permission_is_an_error(string name)
    {
        bench.Compile(Kind, new AuthorizeOptions { Permissions = ["a:b", name] });
        bench.Compile(Kind, new AuthorizeOptions { AnyOf = [name] });

        Assert.Equal(["routes.orders.policies.authorize.anyOf[0]", "routes.orders.policies.authorize.permissions[1]"], bench.Errors.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_invalid_rule_would_deny()
    {
        var policies = bench.Compile(Kind, new AuthorizeOptions { Permissions = ["nonsense"] });

        Assert.Equal(403, (await Send(PolicyBench.Route(policies), "nonsense")).StatusCode);
    }

    [Fact]
    public void An_empty_rule_is_an_error()
    {
        bench.Compile(Kind, new AuthorizeOptions());

        Assert.Equal(["routes.orders.policies.authorize"], bench.Errors);
    }

    [Fact]
    public void Authenticated_beside_permissions_is_an_error()
    {
        bench.Compile(Kind, new AuthorizeOptions { Permissions = ["orders:read", "authenticated"] });

        Assert.Equal(["routes.orders.policies.authorize.permissions[1]"], bench.Errors);
    }

    [Fact]
    public void A_permission_on_a_route_that_identifies_nobody_is_an_error()
    {
        var policies = new PolicyOptions(new Dictionary<string, object>(StringComparer.Ordinal) { ["authenticate"] = new AuthenticateOptions { Methods = [AuthenticationMethod.None] } });
        bench.Compile(Kind, new AuthorizeOptions { Permissions = ["orders:read"] }, new RouteOptions { Match = new RouteMatchOptions { Path = "/" }, Policies = policies });

        Assert.Equal(["routes.orders.policies.authorize"], bench.Errors);
    }

    private static Task<Exchange> Send(CompiledRoute route, string permissions)
    {
        var exchange = ExchangeFactory.Create(caller: new Caller("alice", "shop", permissions.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        exchange.RequestHeaders.Authorization = "Bearer token";
        return PolicyBench.Run(route, exchange);
    }
}
