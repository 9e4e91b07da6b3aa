using System.Net;
using System.Text;
using System.Text.Json;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Policies.Waf;

public sealed class BlockingTests
{
    [Fact]
    public async Task A_request_that_no_rule_matches_passes_unchanged()
    {
        await using var waf = await WafGateway.StartAsync();
        using var client = waf.Gateway.Client();

        using var response = await client.PostAsync(waf.Gateway.Address("/a?x=1"), new StringContent("{\"a\":1}", Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("ok", await response.Content.ReadAsStringAsync());
        var seen = Assert.Single(waf.Upstream);
        Assert.Equal(("POST", "/a?x=1", "{\"a\":1}"), (seen.Method, seen.Target, seen.Body));
        Assert.Equal("""{"mode":"block","score":0,"rules":[]}""", (await waf.WafAsync()).GetRawText());
    }

    [Theory]
    [InlineData("/?a=headattack", 100, 403)]
    [InlineData("/?a=bodyattack", 299, 403)]
    [InlineData("/?a=body%61ttack", 299, 403)]
    [InlineData("/?go=teapot", 204, 418)]
    public async Task What_a_rule_denies_is_refused_with_its_status_and_never_reaches_the_upstream(string target, long rule, int status)
    {
        await using var waf = await WafGateway.StartAsync();
        using var client = waf.Gateway.Client();

        using var response = await client.GetAsync(waf.Gateway.Address(target));

        Assert.Equal(status, (int)response.StatusCode);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal("waf.blocked", problem.RootElement.GetProperty("code").GetString());
        Assert.Empty(waf.Upstream);
        var decision = (await waf.Gateway.DecisionsAsync(1))[0];
        Assert.Equal("waf.blocked", decision.GetProperty("code").GetString());
        Assert.StartsWith($"rule {rule} in phase", decision.GetProperty("cause").GetString(), StringComparison.Ordinal);
        Assert.Contains(decision.GetProperty("waf").GetProperty("rules").EnumerateArray(), id => id.GetInt64() == rule);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "a=bodyattack")]
    [InlineData("application/json", """{"a":["x","bodyattack"]}""")]
    [InlineData("text/plain", "xx bodyattack xx")]
    public async Task An_attack_in_a_body_is_refused_before_anything_is_forwarded(string type, string body)
    {
        await using var waf = await WafGateway.StartAsync();
        using var client = waf.Gateway.Client();

        using var response = await client.PostAsync(waf.Gateway.Address("/"), new StringContent(body, Encoding.UTF8, type));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(waf.Upstream);
        Assert.InRange((await waf.WafAsync()).GetProperty("score").GetInt64(), 5, 10);
    }

    [Fact]
    public async Task Detect_mode_refuses_nothing_and_says_what_it_would_have()
    {
        await using var waf = await WafGateway.StartAsync("detect");
        using var client = waf.Gateway.Client();

        using var response = await client.GetAsync(waf.Gateway.Address("/?a=bodyattack"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var decision = (await waf.Gateway.DecisionsAsync(1))[0];
        Assert.Equal("waf.blocked (299)", decision.GetProperty("shadowed").GetString());
        Assert.Equal("detect", decision.GetProperty("waf").GetProperty("mode").GetString());
        Assert.Equal("[200,299]", decision.GetProperty("waf").GetProperty("rules").GetRawText());
        Assert.Equal(JsonValueKind.Null, decision.GetProperty("code").ValueKind);
    }

    [Fact]
    public async Task A_redirect_of_a_rule_is_sent()
    {
        await using var waf = await WafGateway.StartAsync();
        using var client = waf.Gateway.Client();

        using var response = await client.GetAsync(waf.Gateway.Address("/?go=away"));

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("https://safe.example.com/", response.Headers.Location!.ToString());
        Assert.Empty(waf.Upstream);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_drop_of_a_rule_ends_the_connection_without_an_answer(int version)
    {
        await using var waf = await WafGateway.StartAsync();
        using var client = waf.Gateway.Client(new Version(version, version == 1 ? 1 : 0));

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetAsync(waf.Gateway.Address("/?go=dead", "secure")));

        Assert.Empty(waf.Upstream);
        var decision = (await waf.Gateway.DecisionsAsync(1))[0];
        Assert.Equal(("waf.blocked", 403), (decision.GetProperty("code").GetString(), decision.GetProperty("status").GetInt32()));
    }

    [Fact]
    public async Task Ids_of_matches_are_exposed_where_that_is_asked_for_and_only_there()
    {
        await using var exposed = await WafGateway.StartAsync("detect", telemetry: "exposeWafRules: true");
        await using var usual = await WafGateway.StartAsync("detect");
        using var client = usual.Gateway.Client();

        using var hit = await client.GetAsync(exposed.Gateway.Address("/?a=bodyattack"));
        using var clean = await client.GetAsync(exposed.Gateway.Address("/"));
        using var hidden = await client.GetAsync(usual.Gateway.Address("/?a=bodyattack"));

        Assert.Equal("200,299", Assert.Single(hit.Headers.GetValues("X-Waf-Rules")));
        Assert.Equal(string.Empty, Assert.Single(clean.Headers.GetValues("X-Waf-Rules")));
        Assert.False(hidden.Headers.Contains("X-Waf-Rules"));
    }

    [Fact]
    public async Task Values_are_shown_by_their_shape_unless_the_configuration_asks_for_more()
    {
        await using var masked = await WafGateway.StartAsync("detect", telemetry: "maskAddresses: false");
        await using var shown = await WafGateway.StartAsync("detect");
        using var client = masked.Gateway.Client();

        using var first = await client.GetAsync(masked.Gateway.Address("/?a=my-bodyattack"));
        using var second = await client.GetAsync(shown.Gateway.Address("/?a=my-bodyattack"));

        Assert.Equal("m…(13)", (await masked.WafAsync()).GetProperty("hits")[0].GetProperty("value").GetString());
        Assert.DoesNotContain("my-bodyattack", (await masked.WafAsync()).GetRawText(), StringComparison.Ordinal);
        var hit = (await shown.WafAsync()).GetProperty("hits")[0];
        Assert.Equal("my-bodyattack", hit.GetProperty("value").GetString());
        Assert.Equal(("ARGS:a", "In the body", "critical", 2), (hit.GetProperty("variable").GetString(), hit.GetProperty("msg").GetString(), hit.GetProperty("severity").GetString(), hit.GetProperty("phase").GetInt32()));
    }

    [Fact]
    public async Task Messages_quote_nothing_of_a_request_whose_values_are_not_shown()
    {
        const string Rules = """SecRule ARGS:a "@rx my-(.)(\w+)" "id:900,phase:2,pass,capture,msg:'Found %{TX.2} in %{ARGS.b} and %{MATCHED_VAR}'" """;
        await using var masked = await WafGateway.StartAsync("detect", rules: Rules, telemetry: "maskAddresses: false");
        await using var shown = await WafGateway.StartAsync("detect", rules: Rules);
        using var client = masked.Gateway.Client();

        using var first = await client.GetAsync(masked.Gateway.Address("/?a=my-secret&b=other"));
        using var second = await client.GetAsync(shown.Gateway.Address("/?a=my-secret&b=other"));

        Assert.Equal("Found %{TX.2} in %{ARGS.b} and %{MATCHED_VAR}", (await masked.WafAsync()).GetProperty("hits")[0].GetProperty("msg").GetString());
        Assert.Equal("Found ecret in other and my-secret", (await shown.WafAsync()).GetProperty("hits")[0].GetProperty("msg").GetString());
    }

    [Theory]
    [InlineData("public")]
    [InlineData("secure")]
    public async Task Rules_see_the_address_that_the_client_connected_to(string listener)
    {
        await using var waf = await WafGateway.StartAsync(rules: """SecRule SERVER_ADDR "@ipMatch 127.0.0.1" "id:900,phase:1,deny,status:418" """);
        using var client = waf.Gateway.Client();

        using var response = await client.GetAsync(waf.Gateway.Address("/", listener));

        Assert.Equal(418, (int)response.StatusCode);
    }
}
