using System.Net;
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
        Assert.InRange(TimeProvider.System.GetElapsedTime(asked), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(6));
        await Assert.ThrowsAsync<HttpRequestException>(async () => (await slow.WithPatience()).EnsureSuccessStatusCode());
    }

    [Fact]
    public async Task Control_C_ends_it_as_well()
    {
        await using var node = await StartAsync("20s");

        node.Process.Interrupt();

        Assert.Equal(0, await node.Process.ExitAsync());
    }

    [Fact]
    public async Task Idle_connections_do_not_hold_the_process()
    {
        await using var node = await StartAsync("20s");
        using var client = Node.CreateClient(HttpVersion.Version11);
        using (await client.GetAsync(node.Plain("/idle"))) { }
        var asked = TimeProvider.System.GetTimestamp();

        node.Process.Terminate();

        Assert.Equal(0, await node.Process.ExitAsync());
        Assert.True(TimeProvider.System.GetElapsedTime(asked) < TimeSpan.FromSeconds(8));
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
