using System.Net;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Tests.Forwarding;

public sealed class ReloadTests
{
    public static TheoryData<TransportKind> All => Transports.All;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Reload_keeps_connections_of_unchanged_destinations_and_opens_new_ones_for_changed_ones(TransportKind kind)
    {
        await using var upstream = await kind.UpstreamAsync(static context => context.Response.WriteAsync(context.Connection.Id));
        var cluster = ForwardingBench.Cluster(upstream.Address) with { Protocol = kind.Protocol() };
        await using var gateway = await ForwardingBench.StartAsync(kind, cluster);
        var before = await gateway.Client.GetStringAsync("/");
        gateway.Clusters.Apply(Only(cluster with { Timeout = TimeSpan.FromSeconds(5), Balance = Balance.Random, Retries = 3 }));
        Assert.Equal(before, await gateway.Client.GetStringAsync("/"));
        Assert.Equal(2, gateway.Destination().Requests);

        gateway.Clusters.Apply(Only(cluster with { Connections = new ConnectionOptions { Maximum = 3 } }));
        Assert.NotEqual(before, await gateway.Client.GetStringAsync("/"));
        Assert.Equal(1, gateway.Destination().Requests);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Removed_destination_finishes_what_it_has(TransportKind kind)
    {
        var clock = new ManualTimeProvider();
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var old = await kind.UpstreamAsync(async context =>
        {
            arrived.SetResult();
            await release.Task;
            await context.Response.WriteAsync("old");
        });
        await using var young = await kind.UpstreamAsync(static context => context.Response.WriteAsync("young"));
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(old.Address), clock);
        var pending = gateway.Client.GetStringAsync("/");
        await arrived.Task.WithPatience();
        gateway.Clusters.Apply(Only(ForwardingBench.Cluster(young.Address) with { Protocol = kind.Protocol() }));
        Assert.Equal("young", await gateway.Client.GetStringAsync("/"));
        clock.Advance(TimeSpan.FromSeconds(29));
        release.SetResult();
        Assert.Equal("old", await pending.WithPatience());
    }

    [Fact]
    public async Task Thousand_reloads_under_load_lose_no_request()
    {
        await using var upstream = await TransportKind.Http1.UpstreamAsync(static context => context.Response.WriteAsync("ok"));
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address));
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            var served = 0;
            while (!stop.IsCancellationRequested)
            {
                Assert.Equal("ok", await gateway.Client.GetStringAsync("/"));
                served++;
            }

            return served;
        }));
        for (var i = 0; i < 1000; i++)
        {
            // Every tenth reload also replaces the pool.
            gateway.Clusters.Apply(Only(ForwardingBench.Cluster(upstream.Address) with { Connections = new ConnectionOptions { Maximum = 100 + (i / 10) } }));
            if (i % 50 == 0) await Task.Yield();
        }

        await stop.CancelAsync();
        Assert.All(await load.WithPatience(), served => Assert.True(served > 0));
    }

    private static Dictionary<string, ClusterOptions> Only(ClusterOptions cluster) => new(StringComparer.Ordinal) { ["main"] = cluster };
}
