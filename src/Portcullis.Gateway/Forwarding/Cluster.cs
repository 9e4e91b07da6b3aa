namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// A cluster by name, for as long as the process lives. Routes hold on to it, and requests see its latest
/// <see cref="View"/>: a destination that a reload removed is asked no more, not even by requests that began before.
/// </summary>
internal sealed class Cluster(string name, TimeProvider clock)
{
    private volatile ClusterView? view;
    private long retries;
    private long retriesDenied;
    private long mirrored;
    private long mirrorDropped;

    public string Name => name;

    /// <summary>Null before the first configuration with it has been applied.</summary>
    public ClusterView? View => view;

    public RetryBudget Budget { get; } = new(clock);

    public void Apply(ClusterView applied) => view = applied;

    /// <summary>Takes one retry out of the budget.</summary>
    public bool TryTakeRetry(long now, double share)
    {
        var taken = Budget.TryTake(now, share);
        Interlocked.Increment(ref taken ? ref retries : ref retriesDenied);
        return taken;
    }

    public void CountMirrored() => Interlocked.Increment(ref mirrored);

    public void CountMirrorDropped() => Interlocked.Increment(ref mirrorDropped);

    public ClusterStatus Describe()
    {
        var destinations = new List<DestinationStatus>();
        if (view is { } current)
        {
            foreach (var destination in current.Destinations) destinations.Add(destination.Describe());
        }

        return new(
            name,
            destinations,
            Interlocked.Read(ref retries),
            Interlocked.Read(ref retriesDenied),
            Interlocked.Read(ref mirrored),
            Interlocked.Read(ref mirrorDropped));
    }
}
