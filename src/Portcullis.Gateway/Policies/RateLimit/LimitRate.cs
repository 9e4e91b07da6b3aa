namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>
/// A rate in the form that GCRA (ITU-T I.371) works with, in ticks of the store's clock.
/// </summary>
/// <param name="Interval">Time in which one request is earned back; at least one tick.</param>
/// <param name="Burst">Requests that may come at once after a pause; at least one.</param>
internal readonly record struct LimitRate(long Interval, int Burst)
{
    /// <summary>How long a full burst takes to be earned back: how far ahead of the clock a cell can be.</summary>
    public long Window => Interval * Burst;
}
