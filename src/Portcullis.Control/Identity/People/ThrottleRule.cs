namespace Portcullis.Control.Identity.People;

/// <summary>
/// How many failures a lane takes. It begins with <paramref name="Burst"/> attempts and gains one each <paramref name="Interval"/>; with every
/// <paramref name="Doubling"/> failures the interval doubles, up to <paramref name="Longest"/>. One failure is forgotten each <paramref name="Longest"/>.
/// </summary>
internal sealed record ThrottleRule(int Burst, TimeSpan Interval, int Doubling, TimeSpan Longest)
{
    /// <summary>Milliseconds until the next attempt is gained, after so many failures that are not forgotten.</summary>
    public double IntervalAfter(double failures) => Math.Min(Longest.TotalMilliseconds, Interval.TotalMilliseconds * Math.Pow(2, Math.Min(32, Math.Floor(failures / Doubling))));
}
