using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Policies.Waf;

public sealed class ResponseTests
{
    private const string Inspecting = "{ mode: block, inspectResponses: true, responseLimit: 64KiB }";

    [Fact]
    public async Task A_leak_in_a_field_is_refused()
    {
        await using var waf = await WafGateway.StartAsync(answer: context =>
        {
            context.Response.Headers["X-Leak"] = "a secret";
            return context.Response.WriteAsync("body");
        });
        using var client = waf.Gateway.Client();

        using var response = await client.GetAsync(waf.Gateway.Address());

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.False(response.Headers.Contains("X-Leak"));
        Assert.Contains("waf.blocked", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("upstream", (await waf.Gateway.DecisionsAsync(1))[0].GetProperty("source").GetString());
    }

    [Theory]
    [InlineData(Inspecting, 1, 502)]
    [InlineData(Inspecting, 2, 502)]
    [InlineData("block", 1, 200)]
    [InlineData("{ mode: detect, inspectResponses: true }", 1, 200)]
    public async Task A_leak_in_a_body_is_refused_where_bodies_are_inspected(string policy, int version, int status)
    {
        await using var waf = await WafGateway.StartAsync(policy, answer: Text("a stacktrace of ours"));
        using var client = waf.Gateway.Client(new Version(version, version == 1 ? 1 : 0));
        using var request = new HttpRequestMessage(HttpMethod.Get, waf.Gateway.Address("/", "secure")) { Version = new(version, version == 1 ? 1 : 0) };

        using var response = await client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 200, (await response.Content.ReadAsStringAsync()).Contains("stacktrace", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_section_says_what_routes_do_that_do_not()
    {
        await using var waf = await WafGateway.StartAsync("block", "inspectResponses: true", answer: Text("a stacktrace of ours"));
        using var client = waf.Gateway.Client();

        using var response = await client.GetAsync(waf.Gateway.Address());

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(60_000)]
    [InlineData(300_000)]
    public async Task What_is_held_back_is_sent_as_it_came(int length)
    {
        var text = string.Concat(Enumerable.Range(0, length).Select(n => (char)('a' + (n % 26))));
        await using var waf = await WafGateway.StartAsync(Inspecting, answer: Text(text));
        using var client = waf.Gateway.Client();

        Assert.Equal(text, await client.GetStringAsync(waf.Gateway.Address()));
        await Eventually.HoldsAsync(() => waf.Gateway.Host.State.Rules.Bodies.Used == 0, "the memory is given back");
        Assert.Equal(length > 65536, (await waf.WafAsync()).TryGetProperty("inspectedResponseBytes", out _));
    }

    [Fact]
    public async Task A_leak_behind_the_limit_passes_and_the_log_says_how_far_was_looked()
    {
        await using var waf = await WafGateway.StartAsync(Inspecting, answer: Text(new string('a', 200_000) + "stacktrace"));
        using var client = waf.Gateway.Client();

        Assert.EndsWith("stacktrace", await client.GetStringAsync(waf.Gateway.Address()), StringComparison.Ordinal);
        var cut = (await waf.WafAsync()).GetProperty("inspectedResponseBytes");
        Assert.Equal((65536, "limit"), (cut.GetProperty("bytes").GetInt64(), cut.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Upstreams_are_asked_for_what_can_be_read_and_what_cannot_is_told_of()
    {
        var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) await gzip.WriteAsync(Encoding.ASCII.GetBytes("stacktrace"));
        await using var waf = await WafGateway.StartAsync(Inspecting, answer: async context =>
        {
            context.Response.ContentType = "text/plain";
            context.Response.Headers.ContentEncoding = "gzip";
            await context.Response.Body.WriteAsync(packed.ToArray());
        });
        using var client = waf.Gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, waf.Gateway.Address());
        request.Headers.Add("Accept-Encoding", "gzip, br");

        using var response = await client.SendAsync(request);

        Assert.Equal(packed.ToArray(), await response.Content.ReadAsByteArrayAsync());
        Assert.DoesNotContain("Accept-Encoding", Assert.Single(waf.Upstream).Fields.Keys);
        Assert.Equal("encoded", (await waf.WafAsync()).GetProperty("inspectedResponseBytes").GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("HEAD", 200)]
    [InlineData("GET", 204)]
    [InlineData("GET", 304)]
    public async Task A_response_without_a_body_is_not_waited_for(string method, int status)
    {
        await using var waf = await WafGateway.StartAsync(Inspecting, answer: context =>
        {
            context.Response.StatusCode = status;
            if (status == 200) context.Response.ContentType = "text/plain";
            return Task.CompletedTask;
        });
        using var client = waf.Gateway.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), waf.Gateway.Address());

        using var response = await client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task An_upstream_that_breaks_off_within_what_is_held_back_is_a_clean_refusal()
    {
        await using var waf = await WafGateway.StartAsync(Inspecting, answer: async context =>
        {
            context.Response.ContentType = "text/plain";
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        using var client = waf.Gateway.Client();

        using var response = await client.GetAsync(waf.Gateway.Address());

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("upstream.unavailable", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_of_rules_that_see_the_body_are_exposed_too()
    {
        await using var waf = await WafGateway.StartAsync("{ mode: detect, inspectResponses: true }", answer: Text("a stacktrace"), telemetry: "exposeWafRules: true");
        using var client = waf.Gateway.Client();

        using var response = await client.GetAsync(waf.Gateway.Address("/?a=bodyattack"));

        Assert.Equal("200,299,400", Assert.Single(response.Headers.GetValues("X-Waf-Rules")));
    }

    private static RequestDelegate Text(string text) => context =>
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text);
    };
}
