using System.Text.Json;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Policies.Waf;

/// <summary>What is refused as malformed has no route; the log still tells what the rules see in it, and nothing of it goes anywhere.</summary>
public sealed class MalformedRequestTests
{
    private const string End = "Connection: close\r\n\r\n";

    public static TheoryData<string, int> Attacks => new()
    {
        { "GET /\"?a=bodyattack HTTP/1.1\r\nHost: a\r\n" + End, 400 },
        { "GET /<bodyattack>?a=bodyattack HTTP/1.1\r\nHost: a\r\n" + End, 400 },
        { "GET /?a=b\u00e9bodyattack HTTP/1.1\r\nHost: a\r\n" + End, 400 },
        { "GET /?a=x bodyattack HTTP/1.1\r\nHost: a\r\n" + End, 400 },
        { "GET /?a=bodyattack%0d HTTP/1.1\r\nHost: a b\r\n" + End, 400 },
        { "GET /%00?a=bodyattack HTTP/1.1\r\nHost: a\r\n" + End, 400 },
        { "GET /?a=bodyattack HTTP/1.1\r\n" + End, 400 },
        { "GET /?a=bodyattack HTTP/1.1\r\nHost: a\r\nHost: b\r\n" + End, 400 },
        { "GET /?a=bodyattack HTTP/3.0\r\nHost: a\r\n" + End, 505 },
        { "GET /?a=bodyattack HTTP/0.9\r\nHost: a\r\n" + End, 400 },
        { "POST /?a=bodyattack HTTP/1.0\r\nHost: a\r\n" + End, 400 },
        { "POST /?a=bodyattack HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n" + End + "0\r\n\r\n", 400 },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task It_is_held_against_the_rules_and_refused_all_the_same(string request, int status)
    {
        await using var waf = await WafGateway.StartAsync(telemetry: "exposeWafRules: true");

        var answer = await RawHttp.SendAsync(waf.Gateway.EndPoint(), request);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("X-Waf-Rules: 200,299\r\n", answer, StringComparison.Ordinal);
        var record = Assert.Single(await waf.Gateway.DecisionsAsync(1));
        Assert.Equal("request.malformed", record.GetProperty("code").GetString());
        Assert.Equal("normalize", record.GetProperty("step").GetString());
        Assert.Equal(JsonValueKind.Null, record.GetProperty("route").ValueKind);
        Assert.Equal("detect", record.GetProperty("waf").GetProperty("mode").GetString());
        Assert.Equal(5, record.GetProperty("waf").GetProperty("score").GetInt32());
        Assert.Empty(waf.Upstream);
    }

    [Fact]
    public async Task A_request_without_version_is_held_against_the_rules_and_answered_nothing()
    {
        await using var waf = await WafGateway.StartAsync();

        var answer = await RawHttp.SendAsync(waf.Gateway.EndPoint(), "GET /?a=bodyattack\r\n");

        Assert.Equal(string.Empty, answer);
        Assert.Equal(5, (await waf.WafAsync()).GetProperty("score").GetInt32());
        Assert.Empty(waf.Upstream);
    }

    [Fact]
    public async Task A_head_without_an_attack_is_refused_for_its_form_alone()
    {
        await using var waf = await WafGateway.StartAsync();

        await RawHttp.SendAsync(waf.Gateway.EndPoint(), "GET /?a=\" HTTP/1.1\r\nHost: a b\r\n" + End);

        Assert.Equal(0, (await waf.WafAsync()).GetProperty("score").GetInt32());
    }

    [Theory]
    [InlineData("/?a=bodyattack")]
    [InlineData("/<?a=bodyattack")]
    [InlineData("/\u00e9?a=bodyattack")]
    public async Task A_head_that_can_not_be_read_to_its_end_meets_no_rule(string target)
    {
        await using var waf = await WafGateway.StartAsync();

        await RawHttp.SendAsync(waf.Gateway.EndPoint(), $"GET {target} HTTP/1.1\r\nHost: a\r\nNo colon\r\n" + End);

        Assert.False(Assert.Single(await waf.Gateway.DecisionsAsync(1)).TryGetProperty("waf", out _));
    }

    [Fact]
    public async Task A_long_head_and_what_comes_behind_it_change_nothing()
    {
        await using var waf = await WafGateway.StartAsync();
        var fields = string.Concat(Enumerable.Range(0, 40).Select(n => $"X-{n}: {new string('a', 500)}\r\n"));

        var answer = await RawHttp.SendAsync(waf.Gateway.EndPoint(), $"GET /\"?a=bodyattack HTTP/1.1\r\nHost: a\r\n{fields}\r\nGET /behind HTTP/1.1\r\nHost: a\r\n{End}");

        Assert.Single(answer.Split("HTTP/1.1 "), part => part.StartsWith("400 ", StringComparison.Ordinal));
        Assert.Equal(5, (await waf.WafAsync()).GetProperty("score").GetInt32());
        Assert.Empty(waf.Upstream);
    }

    [Fact]
    public async Task A_rule_that_would_drop_or_redirect_does_neither()
    {
        await using var waf = await WafGateway.StartAsync();

        Assert.StartsWith("HTTP/1.1 400 ", await RawHttp.SendAsync(waf.Gateway.EndPoint(), "GET /?go=dead&x=\" HTTP/1.1\r\nHost: \"\r\n" + End), StringComparison.Ordinal);
        Assert.DoesNotContain("Location", await RawHttp.SendAsync(waf.Gateway.EndPoint(), "GET /?go=away HTTP/1.1\r\nHost: \"\r\n" + End), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tunnel_is_refused_as_a_method_that_nothing_here_allows()
    {
        await using var waf = await WafGateway.StartAsync();

        var answer = await RawHttp.SendAsync(waf.Gateway.EndPoint(), "CONNECT 10.0.0.1:22 HTTP/1.1\r\nHost: 10.0.0.1:22\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 405 ", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Allow: \r\n", answer, StringComparison.Ordinal);
    }
}
