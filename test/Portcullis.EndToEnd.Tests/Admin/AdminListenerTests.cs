using System.Net;
using System.Text.Json;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Admin;

[Collection(nameof(SharedNodeTests))]
public sealed class AdminListenerTests(SharedNode shared)
{
    private readonly Node node = shared.Node;

    [Fact]
    public async Task Live_and_ready_answer_200()
    {
        Assert.Equal(HttpStatusCode.OK, await node.StatusAsync(node.Admin("/health/live")));

        var ready = await node.ReadyAsync();

        Assert.Equal(("ready", 1, true), (ready.GetProperty("status").GetString(), ready.GetProperty("configurationVersion").GetInt32(), ready.GetProperty("configurationCurrent").GetBoolean()));
        Assert.Equal($"127.0.0.1:{node.PlainPort}", ready.GetProperty("listeners").GetProperty("plain").GetProperty("address").GetString());
    }

    [Fact]
    public async Task Metrics_are_valid_Prometheus_text_and_count_requests()
    {
        using (await node.GetAsync(node.Plain("/open/counted"))) { }
        using (await node.GetAsync(node.Plain("/nowhere"))) { }

        // A request is counted once it is complete, which its client may see before.
        await Eventually.HoldsAsync(
            async () =>
            {
                using var metrics = await node.GetAsync(node.Admin("/metrics"));
                var lines = (await metrics.Content.ReadAsStringAsync()).Split('\n');
                return lines.Any(line => line.StartsWith("portcullis_requests_total{route=\"open\",status=\"2xx\"}", StringComparison.Ordinal)) && lines.Any(line => line.Contains("code=\"route.not_found\"", StringComparison.Ordinal));
            },
            "both are counted");
        using var response = await node.GetAsync(node.Admin("/metrics"));

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        var samples = PrometheusReader.Read(await response.Content.ReadAsStringAsync());
        Assert.True(samples["portcullis_requests_total{route=\"open\",status=\"2xx\"}"] >= 1);
        Assert.True(samples["portcullis_request_duration_seconds_count{route=\"open\"}"] >= 1);
        Assert.Contains(samples, sample => sample.Key.StartsWith("portcullis_refusals_total{", StringComparison.Ordinal) && sample.Key.Contains("code=\"route.not_found\"", StringComparison.Ordinal) && sample.Value >= 1);
        Assert.Equal(1, samples["portcullis_config_last_reload_success"]);
        Assert.True(samples["process_resident_memory_bytes"] > 1024 * 1024);
        Assert.DoesNotContain(samples.Keys, key => key.Contains("nowhere", StringComparison.Ordinal) || key.Contains("127.0.0.1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    [InlineData("/")]
    public async Task Nothing_of_it_is_on_the_data_listeners(string path)
    {
        Assert.Equal(HttpStatusCode.NotFound, await node.StatusAsync(node.Plain(path)));
        Assert.Equal(HttpStatusCode.NotFound, await node.StatusAsync(node.Tls(path)));
    }

    [Theory]
    [InlineData("/open/x")]
    [InlineData("/oauth/token")]
    [InlineData("/.well-known/jwks.json")]
    [InlineData("/health")]
    public async Task Nothing_of_the_data_listeners_is_on_it(string path)
    {
        using var response = await node.GetAsync(node.Admin(path));

        await RefusedAsync(response, HttpStatusCode.NotFound, "route.not_found");
    }

    [Fact]
    public async Task Each_answer_has_a_request_id_of_its_own()
    {
        using var first = await node.GetAsync(node.Admin("/health/live"), ("X-Request-Id", "0123456789abcdef0123456789abcdef"));
        using var second = await node.GetAsync(node.Admin("/metrics"));

        Assert.NotEqual(RequestId(first), RequestId(second));
        Assert.NotEqual("0123456789abcdef0123456789abcdef", RequestId(first));
    }

    [Fact]
    public async Task A_refused_HEAD_has_the_fields_of_the_refusal_and_no_body()
    {
        using var client = Node.CreateClient(HttpVersion.Version11);
        using var response = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, node.Admin("/nowhere")));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.ToString());
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        Assert.Matches("^[0-9a-f]{32}$", RequestId(response));
    }

    [Fact]
    public async Task Replies_may_not_be_framed_kept_or_sniffed()
    {
        using var response = await node.GetAsync(node.Admin("/health/live"));

        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.False(response.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("localhost", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("[::1]", false)]
    [InlineData("gate.localhost", false)]
    [InlineData("gate.example", true)]
    [InlineData("localhost.example", true)]
    public async Task Browsers_are_held_to_TLS_but_not_for_this_machine_itself(string host, bool isHeld)
    {
        using var response = await node.GetAsync(node.Admin("/health/live"), ("Host", host));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(isHeld, response.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Connections_that_the_admin_listener_turns_away_are_counted()
    {
        using var stranger = Node.CreateClient(HttpVersion.Version11, IPAddress.Parse("127.8.8.8"));
        using (var allowed = await stranger.GetAsync(node.Admin("/health/live"))) Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        const string Refused = "portcullis_connections_refused_total{listener=\"(admin)\",reason=\"handshake\"}";
        var before = await node.MetricAsync(Refused);

        using (var plain = new System.Net.Sockets.TcpClient())
        {
            await plain.ConnectAsync(IPAddress.Loopback, node.AdminPort);
            await plain.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        }

        await Eventually.HoldsAsync(async () => await node.MetricAsync(Refused) > before, "the failed handshake is counted");
        Assert.True(await node.MetricAsync("portcullis_connections_accepted_total{listener=\"(admin)\"}") > 0);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task Health_and_metrics_are_only_read(string method)
    {
        using var client = Node.CreateClient(HttpVersion.Version11);
        foreach (var path in (string[])["/health/ready", "/metrics"])
        {
            using var response = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), node.Admin(path)));
            await RefusedAsync(response, HttpStatusCode.MethodNotAllowed, "request.malformed");
            Assert.Contains("GET", response.Content.Headers.Allow);
        }
    }

    /// <summary>A problem document as the data listeners answer with (RFC 9457), with the fields that every answer has.</summary>
    private static async Task RefusedAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.ToString()));
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(
            (code, (int)status, RequestId(response)),
            (problem.RootElement.GetProperty("code").GetString(), problem.RootElement.GetProperty("status").GetInt32(), problem.RootElement.GetProperty("requestId").GetString()));
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }

    private static string RequestId(HttpResponseMessage response) => Assert.Single(response.Headers.GetValues("X-Request-Id"));
}
