using System.Net;
using System.Net.Sockets;
using System.Text;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Serving;

public sealed class ShutdownTests : IAsyncLifetime
{
    private Upstream upstream = null!;

    public async ValueTask InitializeAsync() => upstream = await Upstream.StartAsync();

    public async ValueTask DisposeAsync() => await upstream.DisposeAsync();

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_request_in_flight_ends_whole_while_readiness_is_503_and_nothing_new_is_accepted(string version)
    {
        await using var node = await StartAsync("20s");
        using var client = Node.CreateClient(Version.Parse(version));
        using var stranger = Node.CreateClient(Version.Parse(version));
        var slow = client.GetAsync(node.Plain("/slow"));
        await upstream.SlowArrived;

        node.Process.Terminate();

        await Eventually.HoldsAsync(async () => await node.StatusAsync(node.Admin("/health/ready")) == HttpStatusCode.ServiceUnavailable, "readiness turns");
        Assert.Equal(HttpStatusCode.OK, await node.StatusAsync(node.Admin("/health/live")));
        await Eventually.HoldsAsync(async () => await IsRefusedAsync(stranger, node.Plain()), "new connections are refused");
        Assert.False(slow.IsCompleted);
        node.Process.HangUp();
        Assert.Equal(HttpStatusCode.OK, await node.StatusAsync(node.Admin("/health/live")));

        upstream.Release();
        using (var response = await slow.WithPatience()) Assert.Equal("slow but whole", await response.Content.ReadAsStringAsync());
        Assert.Equal(0, await node.Process.ExitAsync());
    }

    [Fact]
    public async Task A_request_that_takes_longer_than_the_stated_time_is_cut_and_the_process_ends_well()
    {
        await using var node = await StartAsync("1s");
        using var client = Node.CreateClient(HttpVersion.Version11);
        var slow = client.GetAsync(node.Plain("/slow"));
        await upstream.SlowArrived;
        var asked = TimeProvider.System.GetTimestamp();

        node.Process.Terminate();

        Assert.Equal(0, await node.Process.ExitAsync());
        Assert.InRange(TimeProvider.System.GetElapsedTime(asked), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<HttpRequestException>(async () => (await slow.WithPatience()).EnsureSuccessStatusCode());
    }

    [Fact]
    public async Task Control_C_ends_it_as_well()
    {
        await using var node = await StartAsync("20s");

        node.Process.Interrupt();

        Assert.Equal(0, await node.Process.ExitAsync());
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Idle_connections_do_not_hold_the_process(string version)
    {
        await using var node = await StartAsync("50s");
        using var client = Node.CreateClient(Version.Parse(version));
        using (await client.GetAsync(node.Plain("/idle"))) { }
        Assert.Equal(1, await node.MetricAsync("portcullis_connections_open{listener=\"plain\"}"));
        var asked = TimeProvider.System.GetTimestamp();

        node.Process.Terminate();

        Assert.Equal(0, await node.Process.ExitAsync());
        Assert.True(TimeProvider.System.GetElapsedTime(asked) < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Kept_alive_connections_end_between_two_answers_while_the_process_drains()
    {
        await using var node = await StartAsync("50s");
        using var client = Node.CreateClient(HttpVersion.Version11);
        var slow = client.GetAsync(node.Plain("/slow"));
        await upstream.SlowArrived;
        using var served = new SemaphoreSlim(0);
        var connections = Enumerable.Range(0, 8).Select(_ => Task.Run(() => AskUntilTheEndAsync(node.PlainPort, served))).ToList();
        for (var i = 0; i < connections.Count; i++) Assert.True(await served.WaitAsync(Eventually.Patience));

        node.Process.Terminate();

        // All end though the process does not yet: each answer was whole, and no request got a piece of one.
        Assert.All(await Task.WhenAll(connections).WithPatience(), rest => Assert.Equal(string.Empty, rest));
        Assert.False(slow.IsCompleted);
        upstream.Release();
        using (var response = await slow.WithPatience()) Assert.Equal("slow but whole", await response.Content.ReadAsStringAsync());
        Assert.Equal(0, await node.Process.ExitAsync());
    }

    [Fact]
    public async Task What_was_decided_last_is_still_written()
    {
        await using var node = await StartAsync("5s");
        using (await node.GetAsync(node.Plain("/last"))) { }

        node.Process.Terminate();

        Assert.Equal(0, await node.Process.ExitAsync());
        Assert.Contains("\"path\":\"/last\"", File.ReadAllText(node.At("decisions.jsonl")), StringComparison.Ordinal);
    }

    /// <summary>Sends one request after another over a connection until it ends; returns what came in place of the answer that did not.</summary>
    private static async Task<string> AskUntilTheEndAsync(int port, SemaphoreSlim served)
    {
        const string Body = "GET /again";
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, port);
        var stream = connection.GetStream();
        var received = string.Empty;
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                await stream.WriteAsync("GET /again HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
                do
                {
                    var length = await stream.ReadAsync(buffer);
                    if (length == 0) return received;
                    received += Encoding.Latin1.GetString(buffer, 0, length);
                }
                while (!received.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal) && !received.EndsWith("\r\n\r\n" + Body, StringComparison.Ordinal));

                Assert.StartsWith("HTTP/1.1 200", received, StringComparison.Ordinal);
                Assert.Contains(Body, received, StringComparison.Ordinal);
                received = string.Empty;
                served.Release();
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // The connection had ended when the request came.
            return received;
        }
    }

    private static async Task<bool> IsRefusedAsync(HttpClient client, Uri address)
    {
        try
        {
            using var response = await client.GetAsync(address);
            return false;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }

    private Task<Node> StartAsync(string shutdownTimeout) => Node.StartAsync(
        $$"""
        data: ./data
        shutdownTimeout: {{shutdownTimeout}}
        listeners:
          plain: { address: "{plain}" }
        admin: { address: "{admin}" }
        identity: { issuer: "https://127.0.0.1:1", accessToken: { algorithm: ES256 } }
        clusters:
          main: { destinations: ["{{upstream.Url}}"] }
        routes:
          all: { match: { path: "/{**rest}" }, cluster: main, policies: { authenticate: none } }
        telemetry: { decisionLog: decisions.jsonl }
        """);
}
