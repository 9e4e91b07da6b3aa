using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Telemetry;
using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Telemetry;

/// <summary>What the decision log and the metrics say of requests that ended in different ways.</summary>
public sealed class DecisionsOfRequestsTests : IAsyncLifetime
{
    private readonly TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await TestUpstream.StartAsync(async context =>
        {
            if (context.Request.Path == "/slow")
            {
                arrived.SetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            await context.Response.WriteAsync("ok");
        });
        gateway = await TestGateway.StartAsync(
            $$"""
            listeners:
              public: { address: "127.0.0.1:0" }
            clusters:
              main: { destinations: ["{{upstream.Url}}"] }
              away: { destinations: ["http://127.0.0.1:1"], retries: 0 }
            routes:
              open: { match: { path: "/{**rest}" }, cluster: main, policies: { authenticate: none } }
              shadowed: { match: { path: /shadowed }, cluster: main, policies: { authenticate: none, rateLimit: { by: address, limit: 1, period: 1h, mode: shadow } } }
              closed: { match: { path: /closed }, cluster: main, policies: { authenticate: token, authorize: { permissions: [orders:read] } } }
              away: { match: { path: /away }, cluster: away, policies: { authenticate: none } }
            identity: { issuer: "http://127.0.0.1", accessToken: { algorithm: ES256 } }
            telemetry: { decisionLog: "{decisionLog}" }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n", 400, "request.malformed")]
    [InlineData("GET / HTTP/1.1\nHost: a\n\n", 400, "request.malformed")]
    [InlineData("GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505, "request.malformed")]
    public async Task What_the_parser_refuses_is_recorded_without_what_it_did_not_accept(string request, int status, string code)
    {
        var reply = await RawHttp.SendAsync(gateway.EndPoint(), request);

        var line = Assert.Single(await gateway.DecisionsAsync(1));
        Assert.Equal((status, code, "downstream"), (line.GetProperty("status").GetInt32(), Text(line, "code"), Text(line, "source")));
        Assert.Equal((null, "public", string.Empty, string.Empty), (Text(line, "route"), Text(line, "listener"), Text(line, "method"), Text(line, "path")));
        Assert.Equal("127.0.0.1", Text(line, "address"));
        Assert.Contains("X-Request-Id: " + Text(line, "requestId"), reply, StringComparison.Ordinal);
        Assert.Contains($"portcullis_refusals_total{{route=\"(none)\",code=\"{code}\",source=\"downstream\"}} 1\n", PrometheusText.Write(gateway.Host), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_caller_of_a_token_is_named()
    {
        var token = await gateway.TokenAsync("orders:read");
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address("/closed")) { Headers = { { "Authorization", "Bearer " + token } } };
        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var lines = await gateway.DecisionsAsync(2);
        Assert.Equal(("(token)", "client0"), (Text(lines[0], "route"), Text(lines[0], "caller")));
        Assert.Equal(("closed", "client0"), (Text(lines[1], "route"), Text(lines[1], "caller")));
        Assert.False(lines[1].TryGetProperty("source", out _));
    }

    [Fact]
    public async Task What_shadow_mode_would_have_refused_is_told()
    {
        using var client = gateway.Client();
        for (var i = 0; i < 2; i++) Assert.Equal("ok", await client.GetStringAsync(gateway.Address("/shadowed")));

        var lines = await gateway.DecisionsAsync(2);
        Assert.False(lines[0].TryGetProperty("shadowed", out _));
        Assert.Equal(("limit.exceeded (address)", null, 200), (Text(lines[1], "shadowed"), Text(lines[1], "code"), lines[1].GetProperty("status").GetInt32()));
        Assert.Contains("portcullis_shadowed_total{route=\"shadowed\"} 1\n", PrometheusText.Write(gateway.Host), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_client_that_left_is_499_and_to_blame_itself(string version)
    {
        using var client = gateway.Client(Version.Parse(version));
        using var leaves = new CancellationTokenSource();
        var pending = client.GetAsync(gateway.Address("/slow"), leaves.Token);
        await arrived.Task.WithPatience();

        await leaves.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        var line = Assert.Single(await gateway.DecisionsAsync(1));
        Assert.Equal((499, "request.aborted", "downstream"), (line.GetProperty("status").GetInt32(), Text(line, "code"), Text(line, "source")));
    }

    [Theory]
    [InlineData("/away", 502, "upstream.unavailable", "upstream")]
    [InlineData("/closed", 401, "auth.required", "downstream")]
    public async Task Errors_carry_their_source(string path, int status, string code, string source)
    {
        using var client = gateway.Client();
        using var response = await client.GetAsync(gateway.Address(path));

        Assert.Equal(status, (int)response.StatusCode);
        var line = Assert.Single(await gateway.DecisionsAsync(1));
        Assert.Equal((code, source), (Text(line, "code"), Text(line, "source")));
        Assert.Contains($"portcullis_refusals_total{{route=\"{path[1..]}\",code=\"{code}\",source=\"{source}\"}} 1\n", PrometheusText.Write(gateway.Host), StringComparison.Ordinal);
    }

    [Fact]
    public void The_source_of_a_forwarding_error_is_that_of_the_one_table()
    {
        foreach (var error in Enum.GetValues<ForwardError>().Where(static error => error != ForwardError.None))
        {
            var row = ForwardErrors.Of(error);
            Assert.Equal(row.Side, row.Code.Source);
        }

        Assert.Equal(ForwardSide.Gateway, ForwardErrors.Of(ForwardError.PoolExhausted).Code.Source);
        Assert.Equal(ForwardSide.Gateway, RefusalCode.InternalError.Source);
        Assert.Equal(ForwardSide.Downstream, RefusalCode.LimitExceeded.Source);
    }

    private static string? Text(JsonElement line, string name) => line.GetProperty(name).GetString();
}
