namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>Checks the figures of a limit and turns them into a rate.</summary>
internal static class LimitRates
{
    private const long MostRequests = 1_000_000_000;
    private const long MostPerSecond = 1_000_000;

    /// <summary>Longest period, and longest time for a burst to be earned back: keeps all sums far from overflow.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    public static int BurstOf(LimitOptions options) => options.Burst ?? (int)options.Limit;

    /// <summary>The rate in ticks of a clock; the interval is rounded up, so that rounding never lets more through.</summary>
    public static LimitRate Compile(LimitOptions options, long ticksPerSecond)
    {
        var ticks = (Int128)options.Period.Ticks * ticksPerSecond / TimeSpan.TicksPerSecond;
        return new LimitRate((long)((ticks + options.Limit - 1) / options.Limit), BurstOf(options));
    }

    /// <summary>Reports everything that is wrong with the figures; true when nothing is.</summary>
    public static bool Check(LimitOptions options, string path, RouteCompilation route)
    {
        var isValid = true;
        if (options.Limit is < 1 or > MostRequests)
            Error("limit", $"{options.Limit} is not between 1 and {MostRequests}", "to refuse everything, remove the route or deny its addresses with the firewall policy");
        if (options.Period < TimeSpan.FromSeconds(1) || options.Period > Longest)
            Error("period", $"the period is not between 1s and {Longest.TotalDays:0}d", "requests are spread evenly over the period: write 10 in 1s for one in 100 ms");
        if (options.Burst is < 1)
            Error("burst", $"a burst of {options.Burst} would refuse every request", "write 1 for requests that must keep their distance");
        if (options.Burst > MostRequests)
            Error("burst", $"{options.Burst} is more than {MostRequests}", "leave it out to take the limit");
        if (!isValid) return false;

        if (options.Limit > MostPerSecond * options.Period.TotalSeconds)
            Error("limit", $"{options.Limit} in {options.Period.TotalSeconds:0} s is more than one million a second", "leave the limit out: it would refuse nothing");
        else if ((Int128)options.Period.Ticks * BurstOf(options) / options.Limit > Longest.Ticks)
            Error("burst", $"a burst of {BurstOf(options)} would take more than {Longest.TotalDays:0} days to be earned back", "lower it to a few times the limit");
        return isValid;

        void Error(string key, string message, string hint)
        {
            isValid = false;
            route.Error($"{path}.{key}", message, hint);
        }
    }
}
