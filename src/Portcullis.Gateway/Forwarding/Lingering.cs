namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// Destinations that a reload removed. They stay open for a while longer: a request that was matched before the reload may
/// be about to choose one. After that they are disposed as their last requests end.
/// </summary>
internal sealed class Lingering : IDisposable
{
    /// <summary>How long a request may take from its match to its first try.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(30);

    private readonly List<Destination> removed;
    private readonly ITimer timer;

    public Lingering(List<Destination> removed, TimeProvider clock, Action<Lingering> elapsed)
    {
        this.removed = removed;
        timer = clock.CreateTimer(_ => elapsed(this), null, Time, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        timer.Dispose();
        foreach (var destination in removed) destination.Dispose();
    }
}
