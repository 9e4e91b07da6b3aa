namespace Portcullis.Trust.Passwords;

/// <summary>
/// Normalization form KC (UAX #15) for stabilized strings: of assigned code points only, so that no later version of Unicode changes the result (its
/// section 12.1). Hangul by arithmetic (The Unicode Standard, section 3.12).
/// </summary>
internal static class CompatibilityForm
{
    /// <summary>Most code points that one becomes (U+FDFA).</summary>
    public const int LargestExpansion = 18;

    private const uint SyllableFirst = 0xAC00, LeadFirst = 0x1100, VowelFirst = 0x1161, TrailFirst = 0x11A7;
    private const uint Leads = 19, Vowels = 21, Trails = 28, Syllables = Leads * Vowels * Trails;

    /// <summary>Normalizes code points into <paramref name="result"/>, which needs room for <see cref="LargestExpansion"/> times as many. Returns how many.</summary>
    public static int Normalize(ReadOnlySpan<uint> points, Span<uint> result)
    {
        var length = 0;
        foreach (var point in points)
            length += Decompose(point, result[length..]);
        Order(result[..length]);
        return Compose(result[..length]);
    }

    private static int Decompose(uint point, Span<uint> result)
    {
        if (point - SyllableFirst < Syllables)
        {
            var index = point - SyllableFirst;
            result[0] = LeadFirst + (index / (Vowels * Trails));
            result[1] = VowelFirst + (index % (Vowels * Trails) / Trails);
            if (index % Trails == 0)
                return 2;
            result[2] = TrailFirst + (index % Trails);
            return 3;
        }

        var mapping = UnicodeTables.Instance.Decomposition(point);
        if (mapping.IsEmpty)
        {
            result[0] = point;
            return 1;
        }

        mapping.CopyTo(result);
        return mapping.Length;
    }

    /// <summary>The canonical ordering: marks of one letter by class, those of one class as they stood.</summary>
    private static void Order(Span<uint> points)
    {
        for (var i = 1; i < points.Length; i++)
        {
            var point = points[i];
            var mark = UnicodeTables.Instance.CombiningClass(point);
            if (mark == 0)
                continue;
            var at = i;
            for (; at > 0 && UnicodeTables.Instance.CombiningClass(points[at - 1]) > mark; at--)
                points[at] = points[at - 1];
            points[at] = point;
        }
    }

    private static int Compose(Span<uint> points)
    {
        var length = 0;
        var starter = -1;
        uint before = 0;
        foreach (var point in points)
        {
            var mark = UnicodeTables.Instance.CombiningClass(point);
            // What stands between starter and mark must have a lower class than the mark; nothing stands between neighbours.
            var blocked = starter < length - 1 && before >= mark;
            if (starter >= 0 && !blocked && TryCompose(points[starter], point, out var composed))
            {
                points[starter] = composed;
                continue;
            }

            if (mark == 0)
                starter = length;
            before = mark;
            points[length++] = point;
        }

        return length;
    }

    private static bool TryCompose(uint first, uint second, out uint composed)
    {
        if (first - LeadFirst < Leads && second - VowelFirst < Vowels)
        {
            composed = SyllableFirst + ((((first - LeadFirst) * Vowels) + (second - VowelFirst)) * Trails);
            return true;
        }

        if (first - SyllableFirst < Syllables && (first - SyllableFirst) % Trails == 0 && second - TrailFirst - 1 < Trails - 1)
        {
            composed = first + (second - TrailFirst);
            return true;
        }

        return UnicodeTables.Instance.TryCompose(first, second, out composed);
    }
}
