using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Http;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Telemetry;

public sealed class OtlpTests
{
    [Fact]
    public async Task Traces_and_metrics_reach_a_collector_over_HTTP_and_hold_no_query()
    {
        var received = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        await using var collector = await TestUpstream.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var text = $"{context.Request.ContentType} {context.Request.Headers["api-key"]} {Encoding.Latin1.GetString(body.ToArray())}";
            received.AddOrUpdate(context.Request.Path.Value!, text, (_, before) => before + text);
            context.Response.ContentType = "application/x-protobuf";
        });
        await using var upstream = await Upstream.StartAsync();
        await using var node = await Node.StartAsync(
            $$"""
            data: ./data
            listeners:
              plain: { address: "{plain}" }
            admin: { address: "{admin}" }
            clusters:
              main: { destinations: ["{{upstream.Url}}"] }
            routes:
              traced: { match: { path: "/{**rest}" }, cluster: main, policies: { authenticate: none } }
            telemetry: { otlp: { endpoint: "{{collector.Url}}", protocol: http, headers: "api-key=k", sampleRatio: 1, metricsInterval: 1s } }
            """);

        using (await node.GetAsync(node.Plain("/x?private=yes"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))) { }

        await Eventually.HoldsAsync(() => Task.FromResult(received.ContainsKey("/v1/traces") && received.GetValueOrDefault("/v1/metrics", string.Empty).Contains("traced", StringComparison.Ordinal)), "both arrive");
        Assert.StartsWith("application/x-protobuf k ", received["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("portcullis", received["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("traced", received["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains(Encoding.Latin1.GetString(Convert.FromHexString("0af7651916cd43dd8448eb211c80319c")), received["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("portcullis.requests", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.DoesNotContain("private", received["/v1/traces"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_is_away_stops_no_request_and_no_shutdown()
    {
        await using var node = await Node.StartAsync(
            $$"""
            data: ./data
            listeners:
              plain: { address: "{plain}" }
            admin: { address: "{admin}" }
            routes:
              all: { match: { path: "/{**rest}" }, redirect: {}, policies: { authenticate: none } }
            telemetry: { otlp: { endpoint: "http://127.0.0.1:{{Ports.Free()}}", sampleRatio: 1 } }
            """);

        using (var response = await node.GetAsync(node.Plain())) Assert.Equal("https://127.0.0.1/", response.Headers.Location!.ToString());
        node.Process.Terminate();

        Assert.Equal(0, await node.Process.ExitAsync());
    }
}
