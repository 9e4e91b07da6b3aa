using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.RateLimit;
using Portcullis.Gateway.Tests.Configuration;
using Portcullis.Gateway.Tests.Pipeline;

namespace Portcullis.Gateway.Tests.Policies.RateLimit;

public sealed class RateLimitPolicyTests
{
    private static readonly Caller Alice = new("alice", "shop", ["orders:read"]);
    private static readonly RateLimitPolicyKind Kind = new();

    private readonly PolicyBench bench = new();

    [Fact]
    public async Task The_request_over_the_limit_is_refused_with_429_and_the_time_to_wait()
    {
        var route = bench.Route(Kind, Options(Limit(LimitBy.Address, 2, 60)));
        await Send(route);
        await Send(route);

        var refused = await Send(route);

        Assert.Equal(429, refused.StatusCode);
        Assert.Equal("30", refused.ResponseHeaders.RetryAfter);
        Assert.Equal("\"address\";r=0;t=30", refused.ResponseHeaders["RateLimit"]);
        Assert.Equal("\"address\";q=2;w=60", refused.ResponseHeaders["RateLimit-Policy"]);
        Assert.Equal("limit address", refused.Cause);
        using var problem = JsonDocument.Parse(ExchangeFactory.BodyOf(refused));
        Assert.Equal("limit.exceeded", problem.RootElement.GetProperty("code").GetString());
    }

    [Fact]
    public async Task After_the_stated_time_the_next_request_passes()
    {
        var route = bench.Route(Kind, Options(Limit(LimitBy.Address, 1, 7)));
        await Send(route);
        bench.Clock.Advance(TimeSpan.FromMilliseconds(100));
        var wait = int.Parse((await Send(route)).ResponseHeaders.RetryAfter.ToString());

        Assert.Equal(7, wait);
        bench.Clock.Advance(TimeSpan.FromSeconds(wait));
        Assert.Equal(200, (await Send(route)).StatusCode);
    }

    [Fact]
    public async Task Responses_within_the_limit_tell_of_the_tightest_limit_and_of_all_policies()
    {
        var route = bench.Route(Kind, Options(
            Limit(LimitBy.Address, 50, 1) with { Burst = 100 }, Limit(LimitBy.Caller, 20, 60), Limit(LimitBy.Route, 5, 1), Limit(LimitBy.Caller, 2, 60) with { Mode = LimitMode.Shadow }));

        var response = await Send(route, caller: Alice);

        Assert.Equal(200, response.StatusCode);
        Assert.Equal("\"caller\";r=19;t=3", response.ResponseHeaders["RateLimit"]);
        Assert.Equal("\"address\";q=50;w=1;portcullis-burst=100, \"caller\";q=20;w=60", response.ResponseHeaders["RateLimit-Policy"]);
        Assert.Equal(0, response.ResponseHeaders.RetryAfter.Count);
    }

    [Fact]
    public async Task Fields_can_be_left_out_of_responses_but_not_of_refusals()
    {
        var route = bench.Route(Kind, Options(Limit(LimitBy.Address, 1, 1)) with { Headers = false });

        var passed = await Send(route);
        var refused = await Send(route);

        Assert.False(passed.ResponseHeaders.ContainsKey("RateLimit"));
        Assert.False(passed.ResponseHeaders.ContainsKey("RateLimit-Policy"));
        Assert.Equal("\"address\";r=0;t=1", refused.ResponseHeaders["RateLimit"]);
    }

    [Fact]
    public async Task The_fields_of_an_upstream_that_limits_too_stay_beside_the_gateways()
    {
        var route = bench.Route(Kind, Options(Limit(LimitBy.Address, 10, 1)), ("RateLimit", "\"own\";r=1;t=9"));

        var response = await Send(route);

        Assert.Equal("\"own\";r=1;t=9,\"address\";r=9;t=1", response.ResponseHeaders["RateLimit"].ToString());
    }

    [Fact]
    public async Task A_request_that_one_limit_refuses_counts_under_none_of_its_stage()
    {
        var route = bench.Route(Kind, Options(Limit(LimitBy.Address, 3, 60) with { Name = "wide" }, Limit(LimitBy.Address, 1, 1) with { Name = "narrow" }));
        await Send(route);
        for (var i = 0; i < 50; i++) Assert.Equal(429, (await Send(route)).StatusCode);

        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await Send(route)).StatusCode);
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await Send(route)).StatusCode);
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("limit wide", (await Send(route)).Cause);
    }

    [Fact]
    public async Task A_refused_caller_does_not_use_up_what_all_share()
    {
        var route = bench.Route(Kind, Options(Limit(LimitBy.Route, 5, 60), Limit(LimitBy.Caller, 1, 60)));
        for (var i = 0; i < 100; i++) await Send(route, caller: Alice);

        for (var i = 0; i < 4; i++) Assert.Equal(200, (await Send(route, caller: new Caller($"other {i}", "shop", []))).StatusCode);
        Assert.Equal("limit route", (await Send(route, caller: new Caller("last", "shop", []))).Cause);
    }

    [Fact]
    public async Task What_all_share_is_told_only_when_it_is_used_up()
    {
        var route = bench.Route(Kind, Options(Limit(LimitBy.Route, 1, 60)));

        var passed = await Send(route, caller: Alice);
        var refused = await Send(route, caller: Alice);

        Assert.False(passed.ResponseHeaders.ContainsKey("RateLimit"));
        Assert.Equal("\"route\";r=0;t=60", refused.ResponseHeaders["RateLimit"]);
        Assert.Equal("\"route\";q=1;w=60", refused.ResponseHeaders["RateLimit-Policy"]);
    }

    [Fact]
    public async Task Callers_are_told_apart_by_client_and_subject()
    {
        var route = bench.Route(Kind, Options(Limit(LimitBy.Caller, 1, 60)));
        await Send(route, caller: Alice);

        Assert.Equal(429, (await Send(route, caller: new Caller("alice", "shop", []), address: "198.51.100.9")).StatusCode);
        Assert.Equal(200, (await Send(route, caller: new Caller("alice", "till", []))).StatusCode);
        Assert.Equal(200, (await Send(route, caller: new Caller("bob", "shop", []))).StatusCode);
    }

    [Fact]
    public async Task Who_has_no_credential_is_limited_by_address_under_a_limit_by_caller()
    {
        var route = bench.Route(Kind, Options(Limit(LimitBy.Caller, 1, 60)));
        await Send(route, caller: Caller.Anonymous);

        Assert.Equal(429, (await Send(route, caller: Caller.Anonymous)).StatusCode);
        Assert.Equal(429, (await Send(route, caller: null)).StatusCode);
        Assert.Equal(200, (await Send(route, caller: Caller.Anonymous, address: "198.51.100.9")).StatusCode);
    }

    /// <summary>The bytes of this subject in memory are those of the address 10.0.97.0.</summary>
    [Fact]
    public async Task A_subject_made_to_look_like_an_address_uses_up_nothing_of_that_address()
    {
        var route = bench.Route(Kind, Options(Limit(LimitBy.Caller, 1, 60)));
        await Send(route, caller: new Caller("a", string.Empty, []));

        Assert.Equal(200, (await Send(route, caller: Caller.Anonymous, address: "10.0.97.0")).StatusCode);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    [InlineData("X-Real-IP", "203.0.113.7")]
    [InlineData("Forwarded", "for=203.0.113.7")]
    [InlineData("Authorization", "Bearer something")]
    [InlineData("X-Api-Key", "another")]
    [InlineData("Cookie", "session=another")]
    public async Task No_header_field_chooses_the_key(string name, string value)
    {
        var route = bench.Route(Kind, Options(Limit(LimitBy.Address, 1, 60)));
        await Send(route);
        var exchange = ExchangeFactory.Create();
        exchange.RequestHeaders[name] = value;

        Assert.Equal(429, (await PolicyBench.Run(route, exchange)).StatusCode);
    }

    [Fact]
    public async Task Addresses_within_a_64_are_one_client_and_a_mapped_address_is_the_IPv4_one()
    {
        var route = bench.Route(Kind, Options(Limit(LimitBy.Address, 1, 60)));
        await Send(route, address: "2001:db8::1");
        await Send(route, address: "192.0.2.77");

        Assert.Equal(429, (await Send(route, address: "2001:db8::dead:beef")).StatusCode);
        Assert.Equal(429, (await Send(route, address: "::ffff:192.0.2.77")).StatusCode);
        Assert.Equal(200, (await Send(route, address: "2001:db8:0:1::1")).StatusCode);
    }

    [Fact]
    public async Task Shadow_mode_refuses_nothing_tells_clients_nothing_and_notes_what_it_would_have_refused()
    {
        var route = bench.Route(Kind, Options(Limit(LimitBy.Address, 1, 60) with { Mode = LimitMode.Shadow }, Limit(LimitBy.Address, 1, 60) with { Mode = LimitMode.Shadow, Name = "second" }));

        var first = await Send(route);
        var second = await Send(route);

        Assert.Null(first.Shadowed);
        Assert.Equal(200, second.StatusCode);
        Assert.Equal("limit.exceeded (address), limit.exceeded (second)", second.Shadowed);
        Assert.False(second.ResponseHeaders.ContainsKey("RateLimit"));
    }

    [Fact]
    public async Task A_shadow_limit_does_not_count_what_another_limit_refused()
    {
        var route = bench.Route(Kind, Options(Limit(LimitBy.Address, 5, 60) with { Mode = LimitMode.Shadow, Name = "trial" }, Limit(LimitBy.Address, 1, 1)));
        for (var i = 0; i < 20; i++) await Send(route);
        bench.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null((await Send(route)).Shadowed);
    }

    [Fact]
    public async Task A_reload_keeps_the_counts_also_when_other_limits_are_put_before()
    {
        var limit = Limit(LimitBy.Address, 1, 60);
        await Send(bench.Route(Kind, Options(limit)));

        var reloaded = bench.Route(Kind, Options(Limit(LimitBy.Route, 100, 1), limit));

        Assert.Equal(429, (await Send(reloaded)).StatusCode);
    }

    [Fact]
    public async Task The_same_limit_on_another_route_counts_apart()
    {
        var options = Options(Limit(LimitBy.Address, 1, 60));
        await Send(bench.Route(Kind, options));

        Assert.Equal(200, (await Send(PolicyBench.Route(bench.Compile(Kind, options, name: "invoices")))).StatusCode);
    }

    [Fact]
    public void Limits_by_address_come_before_authentication_and_all_others_after_it()
    {
        var policies = bench.Compile(Kind, Options(Limit(LimitBy.Caller, 1, 1), Limit(LimitBy.Address, 1, 1), Limit(LimitBy.Route, 1, 1)));

        Assert.Equal([Stage.LimitAddress, Stage.LimitCaller], policies.Select(policy => policy.Stage).Order());
    }

    [Fact]
    public async Task A_refusal_that_other_policies_make_tells_of_the_limit_too()
    {
        var policies = bench.Compile(Kind, Options(Limit(LimitBy.Address, 10, 1)));
        var route = PolicyBench.Route([.. policies, new Refusing()]);

        var refused = await Send(route);

        Assert.Equal(401, refused.StatusCode);
        Assert.Equal("\"address\";r=9;t=1", refused.ResponseHeaders["RateLimit"]);
    }

    [Fact]
    public void A_passing_request_allocates_nothing_once_its_texts_are_known()
    {
        var route = bench.Route(Kind, Options(Limit(LimitBy.Address, 1000, 1), Limit(LimitBy.Caller, 1000, 1), Limit(LimitBy.Route, 100_000, 1)));
        var exchange = ExchangeFactory.Create(caller: Alice);
        exchange.Route = route;
        Assert.Equal(0, AllocatedBytes.PerOperation(Pass));

        void Pass()
        {
            bench.Clock.Advance(TimeSpan.FromMilliseconds(1));
            foreach (var policy in route.RequestPolicies)
            {
                var pending = policy.OnRequestAsync(exchange);
                if (!pending.IsCompletedSuccessfully || !pending.Result.IsContinue) throw new InvalidOperationException("refused");
            }

            exchange.ResponseHeaders.Remove("RateLimit");
            exchange.ResponseHeaders.Remove("RateLimit-Policy");
            foreach (var policy in route.ResponsePolicies) policy.OnResponse(exchange);
        }
    }

    public static TheoryData<string, LimitOptions> BadLimits => new()
    {
        { "limits[0].limit", Limit(LimitBy.Address, 0, 1) },
        { "limits[0].limit", Limit(LimitBy.Address, -1, 1) },
        { "limits[0].limit", Limit(LimitBy.Address, long.MaxValue, 1) },
        { "limits[0].limit", Limit(LimitBy.Address, 1_000_001, 1) },
        { "limits[0].period", Limit(LimitBy.Address, 1, 0) },
        { "limits[0].period", Limit(LimitBy.Address, 1, -1) },
        { "limits[0].period", Limit(LimitBy.Address, 1, 1) with { Period = TimeSpan.MaxValue } },
        { "limits[0].period", Limit(LimitBy.Address, 1, 1) with { Period = TimeSpan.FromMilliseconds(999) } },
        { "limits[0].burst", Limit(LimitBy.Address, 1, 1) with { Burst = 0 } },
        { "limits[0].burst", Limit(LimitBy.Address, 1, 1) with { Burst = -5 } },
        { "limits[0].burst", Limit(LimitBy.Address, 1, 1) with { Burst = int.MaxValue } },
        { "limits[0].burst", Limit(LimitBy.Address, 1, 86_400 * 300) with { Burst = 2 } },
        { "limits[0].name", Limit(LimitBy.Address, 1, 1) with { Name = string.Empty } },
        { "limits[0].name", Limit(LimitBy.Address, 1, 1) with { Name = "a\";r=9\r\nX: y" } },
        { "limits[0].name", Limit(LimitBy.Address, 1, 1) with { Name = new string('n', 65) } },
    };

    [Theory]
    [MemberData(nameof(BadLimits))]
    public void Bad_figures_are_errors_at_their_place(string path, LimitOptions limit)
    {
        var policies = bench.Compile(Kind, Options(limit));

        Assert.Empty(policies);
        Assert.Equal([$"routes.orders.policies.rateLimit.{path}"], bench.Errors);
    }

    [Fact]
    public void All_errors_are_reported_at_once()
    {
        bench.Compile(Kind, Options(Limit(LimitBy.Address, 0, 0), Limit(LimitBy.Caller, 1, 1) with { Burst = 0 }));

        Assert.Equal(3, bench.Errors.Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    public void The_number_of_limits_has_bounds(int count)
    {
        bench.Compile(Kind, Options([.. Enumerable.Repeat(Limit(LimitBy.Address, 1, 1), count)]));

        Assert.Equal(["routes.orders.policies.rateLimit.limits"], bench.Errors);
    }

    [Fact]
    public void Two_limits_cannot_share_a_name()
    {
        bench.Compile(Kind, Options(Limit(LimitBy.Address, 1, 1) with { Name = "a" }, Limit(LimitBy.Caller, 1, 1) with { Name = "a" }));

        Assert.Equal(["routes.orders.policies.rateLimit.limits[1].name"], bench.Errors);
    }

    [Fact]
    public void An_error_in_a_plain_list_is_reported_on_its_line()
    {
        var text = Load.Minimal.Replace(
            "policies: { authenticate: token,", "policies: { rateLimit: [ { by: address, limit: 1, period: 1s },\n    { by: caller, limit: 1, period: 1s, name: address } ], authenticate: token,", StringComparison.Ordinal);
        var result = Load.Text(text);
        var route = result.Bound.Routes["orders"];

        new PolicyBench(result.Problems).Compile(Kind, route.Policies.ByKind["rateLimit"], route);

        var problem = Assert.Single(result.Problems.All, problem => problem.IsError);
        var lines = text.Split('\n');
        Assert.Contains("name: address", lines[problem.Line - 1], StringComparison.Ordinal);
        Assert.StartsWith("address", lines[problem.Line - 1][(problem.Column - 1)..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1_000_000, 1, 1_000_000_000)]
    [InlineData(7, 1, 10_000_000)]
    [InlineData(1_000_000_000, 86_400, 1_000)]
    [InlineData(1, 86_400 * 365, 1_000_000_000)]
    public void Rounding_never_lets_more_through_and_extremes_do_not_overflow(long limit, int seconds, long frequency)
    {
        var rate = LimitRates.Compile(Limit(LimitBy.Address, limit, seconds), frequency);

        Assert.True(rate.Interval >= 1);
        Assert.True((Int128)rate.Interval * limit >= (Int128)seconds * frequency);
        Assert.True(rate.Window > 0);
    }

    private static LimitOptions Limit(LimitBy by, long limit, int seconds) => new() { By = by, Limit = limit, Period = TimeSpan.FromSeconds(seconds) };

    private static RateLimitOptions Options(params LimitOptions[] limits) => new() { Limits = limits };

    private static Task<Exchange> Send(CompiledRoute route, Caller? caller = null, string address = "192.0.2.1")
        => PolicyBench.Run(route, ExchangeFactory.Create(caller: caller, address: address));

    private sealed class Refusing : Policy
    {
        public override Stage Stage => Stage.Authenticate;

        public override ValueTask<Verdict> OnRequestAsync(Exchange exchange) => new(Verdict.Refuse(RefusalCode.AuthenticationRequired));
    }
}
