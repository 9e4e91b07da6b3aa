namespace Portcullis.Trust.Keys;

/// <summary>
/// What follows when the clock was ahead and has been set back: times of the ring lie in the future. Left alone, a key made then would not
/// be replaced, activated or destroyed for as long as the clock was wrong. Such times are moved to now, and those that depend on them along.
/// </summary>
internal static class ClockCorrection
{
    // Clocks of nodes that share a ring differ by less; so nothing is moved to and fro between them.
    private static readonly TimeSpan tolerance = TimeSpan.FromMinutes(10);

    public static bool IsNeeded(KeyEntry key, DateTimeOffset now) => Ahead(key, now) > tolerance;

    public static KeyEntry Apply(KeyEntry key, DateTimeOffset now)
    {
        var by = Ahead(key, now);
        return key.State switch
        {
            KeyState.Pending => key with { Created = now, Activates = Shift(key.Activates, by) },
            KeyState.Active => key with { Created = Earlier(key.Created, now), Activates = now },
            _ => key with { Created = Earlier(key.Created, now), Activates = Earlier(key.Activates, now), Retired = now, Destroys = key.Destroys is { } end ? Shift(end, by) : null },
        };
    }

    /// <summary>How far the event that the key's state began with lies in the future.</summary>
    private static TimeSpan Ahead(KeyEntry key, DateTimeOffset now) => key.State switch
    {
        KeyState.Pending => key.Created - now,
        KeyState.Active => key.Activates - now,
        KeyState.Retired when key.Retired is { } retired => retired - now,
        _ => TimeSpan.Zero,
    };

    private static DateTimeOffset Shift(DateTimeOffset time, TimeSpan by) => time - DateTimeOffset.MinValue > by ? time - by : DateTimeOffset.MinValue;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
