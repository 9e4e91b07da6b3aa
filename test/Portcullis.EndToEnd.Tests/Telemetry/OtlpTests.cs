using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Telemetry;

public sealed class OtlpTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    [Theory]
    [InlineData("http", "/v1/traces", "/v1/metrics", "application/x-protobuf")]
    [InlineData("grpc", "/opentelemetry.proto.collector.trace.v1.TraceService/Export", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "application/grpc")]
    public async Task Traces_and_metrics_reach_a_collector_and_hold_neither_query_nor_content(string protocol, string traces, string metrics, string type)
    {
        await using var collector = await Collector.StartAsync(protocol);
        await using var upstream = await Upstream.StartAsync();
        await using var node = await StartAsync(upstream, $"{{ endpoint: \"{collector.Url}\", protocol: {protocol}, headers: \"api-key=k\", sampleRatio: 1, metricsInterval: 1s }}");

        using (await node.GetAsync(node.Plain("/x?private=yes"), ("traceparent", $"00-{Trace}-b7ad6b7169203331-01"))) { }
        using (var client = Node.CreateClient(HttpVersion.Version11))
        using (var echoed = await client.PostAsync(node.Plain("/echo"), new StringContent("private")))
        {
            Assert.Equal("private", await echoed.Content.ReadAsStringAsync());
        }

        await Eventually.HoldsAsync(() => Task.FromResult(collector.Text(traces).Length > 0 && collector.Text(metrics).Contains("traced", StringComparison.Ordinal)), "both arrive");
        Assert.StartsWith(type + " k ", collector.Text(traces), StringComparison.Ordinal);
        Assert.Contains("GET traced", collector.Text(traces), StringComparison.Ordinal);
        Assert.Contains(Encoding.Latin1.GetString(Convert.FromHexString(Trace)), collector.Text(traces), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => Task.FromResult(collector.Text(traces).Contains("POST traced", StringComparison.Ordinal)), "the span of the request with content is there");
        Assert.DoesNotContain("private", collector.Text(traces), StringComparison.Ordinal);
        Assert.DoesNotContain("private", collector.Text(metrics), StringComparison.Ordinal);

        // The same metrics as Prometheus gets; those without a series yet are not sent.
        using var response = await node.GetAsync(node.Admin("/metrics"));
        var series = (await response.Content.ReadAsStringAsync()).Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('{', ' ')[0]).ToHashSet(StringComparer.Ordinal);
        Assert.True(series.Count > 20);
        Assert.All(series, name => Assert.Contains(name, collector.Text(metrics), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_decides_neither_about_sampling_nor_about_the_names_of_spans_but_a_trusted_proxy_about_sampling()
    {
        await using var collector = await Collector.StartAsync("http");
        await using var upstream = await Upstream.StartAsync();
        await using var node = await StartAsync(
            upstream, $"{{ endpoint: \"{collector.Url}\", protocol: http, sampleRatio: 0, metricsInterval: 1s }}", "trustedProxies: [127.0.0.7/32]");
        using var client = Node.CreateClient(HttpVersion.Version11);
        using var proxy = Node.CreateClient(HttpVersion.Version11, IPAddress.Parse("127.0.0.7"));

        foreach (var method in (string[])["GET", "BREW-WHATEVER-COMES"])
        {
            using (await SendAsync(client, method, "1")) { }
            using (await SendAsync(proxy, method, "2")) { }
        }

        // Spans leave in the order they end, so those of the client would be there before the proxy's.
        await Eventually.HoldsAsync(() => Task.FromResult(collector.Text("/v1/traces").Contains("_OTHER", StringComparison.Ordinal)), "the proxy's spans arrive");
        Assert.Contains("GET traced", collector.Text("/v1/traces"), StringComparison.Ordinal);
        Assert.Contains("HTTP traced", collector.Text("/v1/traces"), StringComparison.Ordinal);
        Assert.DoesNotContain("BREW", collector.Text("/v1/traces"), StringComparison.Ordinal);
        Assert.DoesNotContain("/from-1", collector.Text("/v1/traces"), StringComparison.Ordinal);

        async Task<HttpResponseMessage> SendAsync(HttpClient from, string method, string name)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), node.Plain("/from-" + name));
            request.Headers.TryAddWithoutValidation("traceparent", $"00-{Trace}-b7ad6b7169203331-01");
            return await from.SendAsync(request);
        }
    }

    [Fact]
    public async Task Metrics_of_hundreds_of_routes_arrive_each_for_itself()
    {
        await using var collector = await Collector.StartAsync("http");
        await using var upstream = await Upstream.StartAsync();
        var routes = string.Concat(Enumerable.Range(0, 300).Select(number => $"  route-{number}-: {{ match: {{ path: /r{number} }}, cluster: main, policies: {{ authenticate: none }} }}\n"));
        await using var node = await Node.StartAsync(
            Configuration(upstream, $"{{ endpoint: \"{collector.Url}\", protocol: http, metricsInterval: 1s }}").Replace("routes:\n", "routes:\n" + routes, StringComparison.Ordinal));

        await Eventually.HoldsAsync(() => Task.FromResult(collector.Text("/v1/metrics").Length > 0), "metrics arrive");

        Assert.All(Enumerable.Range(0, 300), number => Assert.Contains($"route-{number}-", collector.Text("/v1/metrics"), StringComparison.Ordinal));
        Assert.DoesNotContain("otel.metric.overflow", collector.Text("/v1/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_turns_the_export_on_and_off()
    {
        await using var collector = await Collector.StartAsync("http");
        await using var upstream = await Upstream.StartAsync();
        await using var node = await StartAsync(upstream, null);
        using (await node.GetAsync(node.Plain("/before"))) { }

        node.Configure(Configuration(upstream, $"{{ endpoint: \"{collector.Url}\", protocol: http, sampleRatio: 1, metricsInterval: 1s }}"));
        await Eventually.HoldsAsync(() => Task.FromResult(collector.Text("/v1/metrics").Length > 0), "metrics arrive");
        using (await node.GetAsync(node.Plain("/between"))) { }

        // Turning it off sends what waits.
        node.Configure(Configuration(upstream, null));
        await Eventually.HoldsAsync(async () => await node.VersionAsync() == 3 && collector.Text("/v1/traces").Contains("/between", StringComparison.Ordinal), "it is off, and what waited is there");
        using (await node.GetAsync(node.Plain("/after"))) { }
        node.Process.Terminate();
        Assert.Equal(0, await node.Process.ExitAsync());
        Assert.DoesNotContain("/before", collector.Text("/v1/traces"), StringComparison.Ordinal);
        Assert.DoesNotContain("/after", collector.Text("/v1/traces"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Header_fields_that_can_not_be_sent_are_told_by_check_and_at_a_reload_which_changes_nothing()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var node = await StartAsync(upstream, null);

        node.Configure(Configuration(upstream, "{ endpoint: \"http://127.0.0.1:1\", headers: plain }"));

        await Eventually.HoldsAsync(async () => await node.MetricAsync("portcullis_config_last_reload_success") == 0, "the reload is refused");
        Assert.Contains("telemetry.otlp.headers: field 1 has no =", (await node.ReadyAsync()).GetProperty("configurationProblems")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(1, await node.VersionAsync());
        var (code, output, _) = await GatewayProcess.RunAsync(node.Directory, "check", "portcullis.yaml");
        Assert.Equal(1, code);
        Assert.Contains("telemetry.otlp.headers: field 1 has no =", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_is_away_stops_no_request_and_no_shutdown()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var node = await StartAsync(upstream, $"{{ endpoint: \"http://127.0.0.1:{Ports.Free()}\", sampleRatio: 1 }}");

        Assert.Equal(HttpStatusCode.OK, await node.StatusAsync(node.Plain()));
        node.Process.Terminate();

        Assert.Equal(0, await node.Process.ExitAsync());
    }

    [Theory]
    [InlineData("http", "/v1/traces")]
    [InlineData("grpc", "/opentelemetry.proto.collector.trace.v1.TraceService/Export")]
    public async Task What_is_sent_goes_to_the_configured_place_alone(string protocol, string traces)
    {
        await using var bait = await Collector.StartAsync(protocol);
        await using var collector = await Collector.StartAsync(protocol, redirectTo: bait.Url);
        await using var upstream = await Upstream.StartAsync();
        var environment = new[] { "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" }.ToDictionary(name => name, _ => bait.Url, StringComparer.Ordinal);
        environment["no_proxy"] = environment["NO_PROXY"] = string.Empty;
        await using var node = await Node.StartAsync(
            Configuration(upstream, $"{{ endpoint: \"{collector.Url}\", protocol: {protocol}, headers: \"api-key=k\", sampleRatio: 1, metricsInterval: 1s }}"), environment);

        using (await node.GetAsync(node.Plain("/x"))) { }
        await Eventually.HoldsAsync(() => Task.FromResult(collector.Text(traces).Length > 0), "the collector is asked");
        node.Process.Terminate();

        // By its end it has done all that it does about an answer.
        Assert.Equal(0, await node.Process.ExitAsync());
        Assert.Equal(0, bait.Requests);
    }

    private static Task<Node> StartAsync(Upstream upstream, string? otlp, string listener = "") => Node.StartAsync(Configuration(upstream, otlp, listener));

    private static string Configuration(Upstream upstream, string? otlp, string listener = "") =>
        $$"""
        data: ./data
        listeners:
          plain: { address: "{plain}", {{listener}} }
        admin: { address: "{admin}" }
        clusters:
          main: { destinations: ["{{upstream.Url}}"] }
        routes:
          traced: { match: { path: "/{**rest}" }, cluster: main, policies: { authenticate: none } }
        telemetry: { {{(otlp is null ? string.Empty : "otlp: " + otlp)}} }
        """;

    /// <summary>Takes exports over either protocol and keeps them as text.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private static readonly byte[] EmptyMessage = new byte[5];

        private readonly ConcurrentDictionary<string, string> received = new(StringComparer.Ordinal);
        private readonly string? redirectTo;
        private TestUpstream server = null!;
        private int requests;

        private Collector(string? redirectTo) => this.redirectTo = redirectTo;

        public string Url => server.Url;

        public int Requests => Volatile.Read(ref requests);

        /// <param name="redirectTo">Where every export is sent on to, by status 307; null: each is taken.</param>
        public static async Task<Collector> StartAsync(string protocol, string? redirectTo = null)
        {
            var collector = new Collector(redirectTo);
            collector.server = await TestUpstream.StartAsync(collector.TakeAsync, protocol == "grpc" ? HttpProtocols.Http2 : HttpProtocols.Http1);
            return collector;
        }

        public string Text(string path) => received.GetValueOrDefault(path, string.Empty);

        public ValueTask DisposeAsync() => server.DisposeAsync();

        private async Task TakeAsync(HttpContext context)
        {
            Interlocked.Increment(ref requests);
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var text = $"{context.Request.ContentType} {context.Request.Headers["api-key"]} {Encoding.Latin1.GetString(body.ToArray())}";
            received.AddOrUpdate(context.Request.Path.Value!, text, (_, before) => before + text);
            if (redirectTo is not null)
            {
                context.Response.Redirect(redirectTo + context.Request.Path, permanent: false, preserveMethod: true);
                return;
            }

            if (HttpProtocol.IsHttp11(context.Request.Protocol))
            {
                context.Response.ContentType = "application/x-protobuf";
                return;
            }

            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(EmptyMessage);
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }
}
