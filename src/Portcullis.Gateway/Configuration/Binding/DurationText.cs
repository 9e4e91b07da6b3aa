using System.Globalization;

namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>Durations as the file writes them: a whole number and one of ms, s, m, h, d.</summary>
public static class DurationText
{
    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond),
    ];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits is <= 0 or > 12) return false;

        var unit = text.AsSpan(digits);
        foreach (var (name, ticks) in Units)
        {
            if (!unit.SequenceEqual(name)) continue;
            var count = long.Parse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture);
            if (count > TimeSpan.MaxValue.Ticks / ticks) return false;
            duration = new TimeSpan(count * ticks);
            return true;
        }

        return false;
    }

    /// <summary>The duration in the largest unit that holds it without a rest; below a millisecond it is cut.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) return "0s";
        foreach (var (name, ticks) in Units)
        {
            if (name != "ms" && duration.Ticks % ticks == 0) return $"{duration.Ticks / ticks}{name}";
        }

        return $"{duration.Ticks / TimeSpan.TicksPerMillisecond}ms";
    }
}
