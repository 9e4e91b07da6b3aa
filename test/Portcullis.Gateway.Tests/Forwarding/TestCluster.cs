using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Balancing;
using Portcullis.Gateway.Forwarding.Health;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>A cluster whose destinations are never really asked: for balancing, health and circuits.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly ClusterRegistry registry;

    public TestCluster(ClusterOptions options)
    {
        Clock = new ManualTimeProvider();
        registry = new ClusterRegistry(Clock, NullLoggerFactory.Instance, default, null, null);
        Apply(options);
    }

    public ManualTimeProvider Clock { get; }

    public ClusterView View => registry.Get("main").View!;

    public static ClusterOptions Options(Balance balance, params int[] weights) => new()
    {
        Balance = balance,
        Destinations = [.. weights.Select((weight, i) => new DestinationOptions { Url = new Uri($"http://10.0.0.{i + 1}"), Weight = weight })],
    };

    public void Apply(ClusterOptions options) => registry.Apply(new Dictionary<string, ClusterOptions>(StringComparer.Ordinal) { ["main"] = options });

    /// <summary>One request from pick to end. Returns the destination's number from 0, or -1.</summary>
    public int Pick(TryOutcome outcome = TryOutcome.Success, ulong hash = 0)
    {
        var destination = Enter(hash, out var ticket, out _);
        if (destination is null) return -1;
        destination.Report(outcome, Clock.GetTimestamp(), ticket);
        destination.Leave();
        return IndexOf(destination);
    }

    public Destination? Enter(ulong hash, out long ticket, out ForwardError error)
    {
        var tried = default(TriedDestinations);
        return View.Enter([], hash, ref tried, Clock.GetTimestamp(), out ticket, out error);
    }

    public int IndexOf(Destination destination) => View.Destinations.IndexOf(destination);

    /// <summary>How often each is picked.</summary>
    public int[] Count(int picks)
    {
        var counts = new int[View.Destinations.Length];
        for (var i = 0; i < picks; i++) counts[Pick(hash: StableHash.Of(i.ToString().AsSpan()))]++;
        return counts;
    }

    public ValueTask DisposeAsync() => registry.DisposeAsync();
}
