namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>
/// The generic cell rate algorithm (ITU-T I.371) in its virtual-scheduling form, on one 64-bit cell: the theoretical arrival time,
/// at which everything would be earned back. A cell whose time has passed says the same as no cell at all.
/// Whoever calls holds the lock of the cell.
/// </summary>
internal static class Gcra
{
    /// <summary>A cell that nothing was counted in.</summary>
    public const long Unused = long.MinValue;

    /// <summary>Counts one request if it is within the rate; a refused one is not counted.</summary>
    public static LimitStanding Take(ref long cell, LimitRate rate, long now)
    {
        var window = rate.Window;

        // Further ahead than a full burst it can only be because the clock went back or the limit was lowered:
        // the client starts from "all used up", so it is neither let off nor locked out for longer than one window.
        if (cell > now && cell - now > window) cell = now + window;

        var start = Math.Max(cell, now);
        var ahead = start - now + rate.Interval;
        if (ahead > window) return new LimitStanding(Passed: false, Remaining: 0, Wait: ahead - window, FullAt: cell);

        // ahead is in (0, window]: so many intervals, the last one begun, are not yet earned back.
        cell = start + rate.Interval;
        var used = (ahead + rate.Interval - 1) / rate.Interval;
        return new LimitStanding(Passed: true, (int)(rate.Burst - used), Wait: ahead - ((used - 1) * rate.Interval), FullAt: cell);
    }

    /// <summary>Takes back what <see cref="Take"/> counted, unless it has been earned back meanwhile.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="rate">The rate it was taken at.</param>
    /// <param name="taken">What <see cref="Take"/> returned.</param>
    /// <param name="now">The time, read under the lock of the cell: no other request can then have started the cell anew.</param>
    public static void GiveBack(ref long cell, LimitRate rate, in LimitStanding taken, long now)
    {
        if (taken.FullAt > now) cell -= rate.Interval;
    }
}
