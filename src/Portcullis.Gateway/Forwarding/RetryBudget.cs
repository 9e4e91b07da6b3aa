namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// Bounds a cluster's retries to a share of its requests, so that they never multiply the load of an outage.
/// A floor keeps quiet clusters able to retry at all.
/// </summary>
internal sealed class RetryBudget(TimeProvider clock)
{
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>Retries that are free within a window: three a second.</summary>
    public const int Floor = 30;

    private readonly RollingCounts requests = new(clock);
    private readonly RollingCounts retries = new(clock);

    /// <summary>Counts a request, not its retries.</summary>
    public void CountRequest(long now) => requests.Add(now, Window, isMarked: false);

    /// <summary>Takes one retry out of the budget, or says that it is used up.</summary>
    public bool TryTake(long now, double share)
    {
        var spent = retries.Sum(now, Window).Total;
        if (spent >= Floor && spent >= requests.Sum(now, Window).Total * share) return false;
        retries.Add(now, Window, isMarked: false);
        return true;
    }
}
