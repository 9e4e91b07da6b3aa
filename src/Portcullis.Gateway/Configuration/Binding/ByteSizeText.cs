using System.Globalization;

namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>Sizes as the file writes them: a whole number and B, KiB, MiB or GiB. KB and MB are refused: they mean two things.</summary>
internal static class ByteSizeText
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("GiB", 1L << 30),
        ("MiB", 1L << 20),
        ("KiB", 1L << 10),
        ("B", 1),
        (string.Empty, 1),
    ];

    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits < 0) digits = text.Length;
        if (digits is 0 or > 15) return false;

        var unit = text.AsSpan(digits);
        foreach (var (name, size) in Units)
        {
            if (!unit.SequenceEqual(name)) continue;
            var count = long.Parse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture);
            if (count > long.MaxValue / size) return false;
            bytes = count * size;
            return true;
        }

        return false;
    }

    public static bool TryParseRate(string text, out long bytesPerSecond)
    {
        var hasUnit = text.EndsWith("/s", StringComparison.Ordinal);
        return TryParse(hasUnit ? text[..^2] : text, out bytesPerSecond) && (!hasUnit || !char.IsAsciiDigit(text[^3]));
    }

    /// <summary>The size in the largest unit that holds it without a rest.</summary>
    public static string Format(long bytes)
    {
        foreach (var (name, size) in Units)
        {
            if (bytes != 0 && bytes % size == 0) return $"{bytes / size}{name}";
        }

        return "0B";
    }

    public static string FormatRate(long bytesPerSecond) => Format(bytesPerSecond) + "/s";
}
