using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Telemetry;

/// <summary>What is written about requests, and what is not.</summary>
public sealed class DecisionLogTests : IAsyncLifetime
{
    private const string Secret = "do-not-write-this";

    private Upstream upstream = null!;

    public async ValueTask InitializeAsync() => upstream = await Upstream.StartAsync();

    public async ValueTask DisposeAsync() => await upstream.DisposeAsync();

    [Fact]
    public async Task A_line_holds_the_fields_of_the_contract_and_no_query_token_or_cookie()
    {
        await using var node = await StartAsync("{ decisionLog: decisions.jsonl }");
        var before = DateTimeOffset.UtcNow;
        using var served = await node.GetAsync(node.Plain($"/open/x?password={Secret}"), ("Authorization", "Bearer " + Secret), ("Cookie", "session=" + Secret), ("X-Custom", Secret));
        using var refused = await node.GetAsync(node.Plain($"/closed?{Secret}"), ("Authorization", "Bearer " + Secret));
        using var unknown = await node.GetAsync(node.Plain($"/none?{Secret}"));

        var lines = await node.DecisionsAsync(3);

        var line = lines[0];
        Assert.Equal("open", line.GetProperty("route").GetString());
        Assert.Equal(200, line.GetProperty("status").GetInt32());
        Assert.Equal("127.0.0.1", line.GetProperty("address").GetString());
        Assert.Equal("/open/x", line.GetProperty("path").GetString());
        Assert.Null(line.GetProperty("code").GetString());
        Assert.Null(line.GetProperty("caller").GetString());
        Assert.Equal(served.Headers.GetValues("X-Request-Id").Single(), line.GetProperty("requestId").GetString());
        Assert.InRange(line.GetProperty("time").GetDateTimeOffset(), before.AddSeconds(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.InRange(line.GetProperty("durationMs").GetDouble(), line.GetProperty("upstreamMs").GetDouble(), 20_000);

        Assert.Equal(("closed", "token.invalid", 401), (lines[1].GetProperty("route").GetString(), lines[1].GetProperty("code").GetString(), lines[1].GetProperty("status").GetInt32()));
        Assert.Equal("token.invalid", await refused.CodeAsync());
        Assert.Equal((null, "route.not_found", 404), (lines[2].GetProperty("route").GetString(), lines[2].GetProperty("code").GetString(), lines[2].GetProperty("status").GetInt32()));
        Assert.DoesNotContain(Secret, File.ReadAllText(node.At("decisions.jsonl")), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, node.Process.Error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, await (await node.GetAsync(node.Admin("/metrics"))).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1")]
    [InlineData("HTTP/2")]
    public async Task No_content_of_a_request_or_response_is_written_even_at_debug(string protocol)
    {
        await using var node = await StartAsync("{ decisionLog: decisions.jsonl, logLevel: debug }");
        using var client = Node.CreateClient(protocol == "HTTP/2" ? HttpVersion.Version20 : HttpVersion.Version11);

        // Through to the upstream, which sends it back; refused before and by the route; credentials that are wrong.
        using var echoed = await client.PostAsync(node.Plain("/open/echo"), new StringContent(Secret));
        Assert.Equal(Secret, await echoed.Content.ReadAsStringAsync());
        using var refused = await client.PostAsync(node.Plain("/closed"), new StringContent(Secret));
        using var unknown = await client.PostAsync(node.Plain("/none"), new StringContent(Secret));
        using var credentials = await client.PostAsync(
            node.Plain("/oauth/token"), new FormUrlEncodedContent([new("grant_type", Secret), new("client_id", "app"), new("client_secret", Secret), new("scope", Secret)]));
        Assert.Equal(HttpStatusCode.Unauthorized, credentials.StatusCode);
        Assert.Equal(4, (await node.DecisionsAsync(4)).Count);

        // Chunks that are none, in which the parser finds what it did not look for.
        using (var raw = new TcpClient())
        {
            await raw.ConnectAsync(IPAddress.Loopback, node.PlainPort);
            await raw.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /open/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{Secret}\r\n{Secret}\r\n\r\n"));
            using var answer = new StreamReader(raw.GetStream());
            Assert.Contains(" 400 ", await answer.ReadLineAsync().WithPatience(), StringComparison.Ordinal);
        }

        await node.DecisionsAsync(5);
        using var metrics = await node.GetAsync(node.Admin("/metrics"));
        Assert.DoesNotContain(Secret, await metrics.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        node.Process.Terminate();
        Assert.Equal(0, await node.Process.ExitAsync());
        Assert.DoesNotContain(Secret, File.ReadAllText(node.At("decisions.jsonl")), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, node.Process.Error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, node.Process.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_can_be_shortened()
    {
        await using var node = await StartAsync("{ decisionLog: decisions.jsonl, maskAddresses: true }");
        using (await node.GetAsync(node.Plain("/open/x"))) { }

        Assert.Equal("127.0.0.0", (await node.DecisionsAsync(1))[0].GetProperty("address").GetString());
    }

    [Fact]
    public async Task Shortened_addresses_are_short_in_the_console_log_too()
    {
        await using var node = await Node.StartAsync(
            """
            data: ./data
            listeners:
              plain: { address: "{plain}", firewall: { default: allow, deny: [127.7.7.7/32] } }
            admin: { address: "{admin}", allow: [127.0.0.1/32] }
            routes:
              all: { match: { path: "/{**rest}" }, redirect: {}, policies: { authenticate: none } }
            telemetry: { maskAddresses: true, logLevel: debug }
            """);
        using var denied = Node.CreateClient(HttpVersion.Version11, IPAddress.Parse("127.7.7.7"));
        foreach (var address in (Uri[])[node.Plain(), node.Admin("/health/live")])
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => denied.GetAsync(address));
            var listener = address == node.Plain() ? "plain" : "(admin)";
            await node.Process.Error.WaitForAsync(line => line.Contains($"Listener {listener} turned a connection away (Firewall) from 127.7.7.0", StringComparison.Ordinal));
        }

        Assert.DoesNotContain("127.7.7.7\"", node.Process.Error.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("from 127.7.7.7", node.Process.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renaming_the_file_away_starts_a_new_one_and_loses_nothing()
    {
        await using var node = await StartAsync("{ decisionLog: decisions.jsonl }");
        for (var file = 1; file <= 3; file++)
        {
            for (var i = 0; i < 5; i++) using (await node.GetAsync(node.Plain($"/open/{file}-{i}"))) { }
            Assert.Equal(5, (await node.DecisionsAsync(5)).Count);
            File.Move(node.At("decisions.jsonl"), node.At($"decisions-{file}.jsonl"));
        }

        using (await node.GetAsync(node.Plain("/open/last"))) { }
        Assert.Equal("/open/last", (await node.DecisionsAsync(1)).Single().GetProperty("path").GetString());
        Assert.Equal(0, await node.MetricAsync("portcullis_decision_log_dropped_total"));
    }

    [Fact]
    public async Task A_full_disk_stops_no_request_and_what_is_lost_is_counted()
    {
        Requirement.System(File.Exists("/dev/full"), "/dev/full is of Linux");
        await using var node = await StartAsync("{ decisionLog: /dev/full }");

        for (var i = 0; i < 5; i++) Assert.Equal(HttpStatusCode.OK, await node.StatusAsync(node.Plain("/open/x")));

        await Eventually.HoldsAsync(async () => await node.MetricAsync("portcullis_decision_log_dropped_total") >= 5, "lost lines are counted");
        await node.Process.Error.WaitForAsync(line => line.Contains("The decision log /dev/full", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, await node.StatusAsync(node.Plain("/open/x")));

        node.Process.Terminate();
        Assert.Equal(0, await node.Process.ExitAsync());
    }

    [Fact]
    public async Task A_file_that_cannot_be_made_stops_no_request_and_what_is_lost_is_counted()
    {
        await using var node = await StartAsync("{ decisionLog: portcullis.yaml/decisions.jsonl }");

        Assert.Equal(HttpStatusCode.OK, await node.StatusAsync(node.Plain("/open/x")));

        await Eventually.HoldsAsync(async () => await node.MetricAsync("portcullis_decision_log_dropped_total") >= 1, "lost lines are counted");
    }

    [Fact]
    public async Task Lines_can_go_to_a_pipe_such_as_standard_output()
    {
        Requirement.System(File.Exists("/dev/stdout"), "/dev/stdout is of Unix");
        await using var node = await StartAsync("{ decisionLog: /dev/stdout }");

        for (var i = 0; i < 3; i++)
        {
            using (await node.GetAsync(node.Plain(string.Create(CultureInfo.InvariantCulture, $"/open/{i}")))) { }
            await node.Process.Output.WaitForAsync(line => line.Contains($"\"path\":\"/open/{i}\"", StringComparison.Ordinal));
        }

        Assert.Equal(0, await node.MetricAsync("portcullis_decision_log_dropped_total"));
    }

    private Task<Node> StartAsync(string telemetry) => Node.StartAsync(
        $$"""
        data: ./data
        listeners:
          plain: { address: "{plain}" }
        admin: { address: "{admin}" }
        identity: { issuer: "https://127.0.0.1:1", accessToken: { algorithm: ES256 } }
        clusters:
          main: { destinations: ["{{upstream.Url}}"] }
        routes:
          open: { match: { path: "/open/{**rest}" }, cluster: main, policies: { authenticate: none } }
          closed: { match: { path: "/closed" }, cluster: main, policies: { authenticate: token, authorize: { permissions: [orders:read] } } }
        telemetry: {{telemetry}}
        """);
}
