using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Transform;
using Portcullis.Gateway.Tests.Pipeline;
using Portcullis.Trust.Keys;

namespace Portcullis.Gateway.Tests.Policies.Transform;

public sealed class TransformPolicyTests
{
    private static readonly TransformPolicyKind Kind = new();

    private readonly PolicyBench bench = new();

    [Fact]
    public async Task Request_fields_are_removed_set_and_added()
    {
        var exchange = ExchangeFactory.Create();
        exchange.RequestHeaders["X-Debug"] = "1";
        exchange.RequestHeaders["X-Tenant"] = "chosen by the client";
        exchange.RequestHeaders["X-Feature"] = "a";

        await Send(exchange, new TransformOptions { Request = new() { Remove = ["x-debug"], Set = Map("X-Tenant", "blue"), Add = Map("X-Feature", "b") } });

        Assert.False(exchange.RequestHeaders.ContainsKey("X-Debug"));
        Assert.Equal("blue", exchange.RequestHeaders["X-Tenant"].ToString());
        Assert.Equal("a,b", exchange.RequestHeaders["X-Feature"].ToString());
    }

    [Fact]
    public async Task Response_fields_are_removed_set_and_added()
    {
        var response = await Send(
            ExchangeFactory.Create(),
            new TransformOptions { Response = new() { Remove = ["X-Debug"], Set = Map("Cache-Control", "no-store"), Add = Map("Link", "<b>") } },
            ("X-Debug", "1"), ("Cache-Control", "public"), ("Link", "<a>"));

        Assert.False(response.ResponseHeaders.ContainsKey("X-Debug"));
        Assert.Equal("no-store", response.ResponseHeaders.CacheControl.ToString());
        Assert.Equal("<a>,<b>", response.ResponseHeaders.Link.ToString());
    }

    [Fact]
    public async Task Refusals_are_not_changed()
    {
        var policies = bench.Compile(Kind, new TransformOptions { Response = new() { Set = Map("Cache-Control", "public") } });

        var refused = await PolicyBench.Run(PolicyBench.Route([.. policies, new Refusing()]), ExchangeFactory.Create());

        Assert.Equal("no-store", refused.ResponseHeaders.CacheControl.ToString());
    }

    [Fact]
    public async Task Credentials_of_the_gateways_own_replace_the_clients_and_go_on()
    {
        var exchange = ExchangeFactory.Create();
        exchange.RequestHeaders.Authorization = "Bearer of the client";
        var secrets = new Dictionary<string, Secret>(StringComparer.Ordinal) { ["Authorization"] = Secret.FromText("Basic abc") };

        await Send(exchange, new TransformOptions { Request = new() { SetSecret = secrets } });

        Assert.Equal("Basic abc", exchange.RequestHeaders.Authorization.ToString());
        Assert.True(exchange.ForwardAuthorization);
    }

    [Theory]
    [InlineData("/api/v1/orders?x=1", "/orders", "/api/v1")]
    [InlineData("/api/v1", "/", "/api/v1")]
    [InlineData("/api/v1/", "/", "/api/v1")]
    [InlineData("/api/v12/orders", "/api/v12/orders", "/api/v1")]
    [InlineData("/api/v1/a%20b%3Fc", "/a%20b%3Fc", "/api/v1")]
    public async Task A_prefix_is_stripped_at_segment_boundaries_and_nothing_is_decoded(string target, string expected, string prefix)
    {
        var exchange = await Send(ExchangeFactory.Create(path: target), new TransformOptions { Path = new() { Strip = prefix } });

        Assert.Equal(expected, exchange.UpstreamPath);
    }

    [Fact]
    public async Task A_prefix_is_replaced()
    {
        var exchange = await Send(ExchangeFactory.Create(path: "/orders/7"), new TransformOptions { Path = new() { Prefix = "/orders", Replacement = "/v2/purchases" } });

        Assert.Equal("/v2/purchases/7", exchange.UpstreamPath);
    }

    [Fact]
    public async Task A_template_is_filled_with_the_variables_of_the_route()
    {
        var match = new RouteOptions { Match = new RouteMatchOptions { Path = "/orders/{id}/{**rest}" } };
        var policies = bench.Compile(Kind, new TransformOptions { Path = new() { Template = "/v2/{rest}/of/{id}" } }, match);
        Assert.Empty(bench.Problems);

        var exchange = await PolicyBench.Run(PolicyBench.Route(policies), ExchangeFactory.Create(path: "/orders/7/items/3"));

        Assert.Equal("/v2/items/3/of/7", exchange.UpstreamPath);
    }

    [Theory]
    [InlineData("Content-Length")]
    [InlineData("content-length")]
    [InlineData("Transfer-Encoding")]
    [InlineData("Connection")]
    [InlineData("Host")]
    [InlineData("Upgrade")]
    [InlineData("TE")]
    [InlineData("X-Request-Id")]
    [InlineData("X-Forwarded-For")]
    [InlineData("Portcullis-Subject")]
    [InlineData("portcullis-anything")]
    [InlineData("Content_Length")]
    [InlineData("Portcullis.Subject")]
    [InlineData("two words")]
    [InlineData("X-A:")]
    [InlineData("X-A\r\nX-B")]
    [InlineData("")]
    public void Framing_fields_the_gateways_own_and_bad_names_are_errors_everywhere(string name)
    {
        bench.Compile(Kind, new TransformOptions
        {
            Request = new() { Remove = [name], Set = Map(name, "x"), Add = Map(name, "x"), SetSecret = new Dictionary<string, Secret>(StringComparer.Ordinal) { [name] = Secret.FromText("x") } },
            Response = new() { Remove = [name], Set = Map(name, "x"), Add = Map(name, "x") },
        });

        Assert.Equal(7, bench.Errors.Count());
    }

    [Theory]
    [InlineData("X-Original-URL")]
    [InlineData("true-client-ip")]
    [InlineData("X-SSL-Client-CN")]
    [InlineData("X-Real-IP")]
    [InlineData("X_Real.IP")]
    public void Fields_that_never_go_to_an_upstream_can_not_be_set_for_it(string name)
    {
        bench.Compile(Kind, new TransformOptions
        {
            Request = new() { Remove = [name], Set = Map(name, "x"), Add = Map(name, "x"), SetSecret = new Dictionary<string, Secret>(StringComparer.Ordinal) { [name] = Secret.FromText("x") } },
            Response = new() { Remove = [name], Set = Map(name, "x"), Add = Map(name, "x") },
        });

        Assert.Equal(3, bench.Errors.Count());
    }

    [Theory]
    [InlineData("a\r\nX-Evil: b")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a\tb")]
    [InlineData("")]
    [InlineData(" a")]
    [InlineData("é")]
    public void Values_that_could_split_a_message_are_errors(string value)
    {
        bench.Compile(Kind, new TransformOptions { Request = new() { Set = Map("X-A", value) }, Response = new() { Add = Map("X-A", value) } });

        Assert.Equal(["routes.orders.policies.transform.request.set.X-A", "routes.orders.policies.transform.response.add.X-A"], bench.Errors.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Authorization")]
    [InlineData("cookie")]
    public void Credentials_in_clear_are_errors(string name)
    {
        bench.Compile(Kind, new TransformOptions { Request = new() { Set = Map(name, "secret") } });

        Assert.Equal([$"routes.orders.policies.transform.request.set.{name}"], bench.Errors);
        Assert.DoesNotContain("secret", bench.Problems[0].Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, PathOptions> BadPaths => new()
    {
        { "path", new PathOptions() },
        { "path", new PathOptions { Prefix = "/a" } },
        { "path", new PathOptions { Strip = "/orders", Template = "/a" } },
        { "path.strip", new PathOptions { Strip = "orders" } },
        { "path.strip", new PathOptions { Strip = "/other" } },
        { "path.strip", new PathOptions { Strip = "/orders/../admin" } },
        { "path.prefix", new PathOptions { Prefix = "/orders", Replacement = "/a?b" } },
        { "path.prefix", new PathOptions { Prefix = "/orders", Replacement = "//evil.example" } },
        { "path.template", new PathOptions { Template = "/{unknown}" } },
        { "path.template", new PathOptions { Template = "/../{id}" } },
    };

    [Theory]
    [MemberData(nameof(BadPaths))]
    public void A_bad_change_of_path_is_an_error_at_its_place(string at, PathOptions options)
    {
        bench.Compile(Kind, new TransformOptions { Path = options }, new RouteOptions { Match = new RouteMatchOptions { Path = "/orders/{id}" } });

        Assert.Equal([$"routes.orders.policies.transform.{at}"], bench.Errors);
    }

    [Fact]
    public void No_change_at_all_is_an_error()
    {
        bench.Compile(Kind, new TransformOptions());

        Assert.Equal(["routes.orders.policies.transform"], bench.Errors);
    }

    private static Dictionary<string, string> Map(string name, string value) => new(StringComparer.Ordinal) { [name] = value };

    private Task<Exchange> Send(Exchange exchange, TransformOptions options, params (string Name, string Value)[] upstreamFields)
        => PolicyBench.Run(bench.Route(Kind, options, upstreamFields), exchange);

    private sealed class Refusing : Policy
    {
        public override Stage Stage => Stage.Authorize;

        public override ValueTask<Verdict> OnRequestAsync(Exchange exchange) => new(Verdict.Refuse(RefusalCode.PermissionDenied));
    }
}
