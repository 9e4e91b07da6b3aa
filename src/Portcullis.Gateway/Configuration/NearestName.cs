namespace Portcullis.Gateway.Configuration;

/// <summary>Finds what somebody probably meant: the known name with the smallest edit distance.</summary>
internal static class NearestName
{
    // Bounds the work that a hostile file can cause: longer names and further candidates are not compared.
    private const int LongestName = 64;
    private const int MostCandidates = 2000;

    /// <summary>The nearest of the known names, or null where none is near: more than a third of the letters differ.</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        if (name.Length is 0 or > LongestName) return null;

        string? nearest = null;
        var best = Math.Max(1, name.Length / 3) + 1;
        foreach (var candidate in known.Take(MostCandidates))
        {
            if (candidate.Length > LongestName || Math.Abs(candidate.Length - name.Length) >= best) continue;
            var distance = Distance(name, candidate);
            if (distance >= best) continue;
            best = distance;
            nearest = candidate;
        }

        return nearest;
    }

    /// <summary><c>did you mean 'x'?</c> where a name is near, else the list of names where it is short, else nothing.</summary>
    public static string? Hint(string name, IReadOnlyCollection<string> known)
    {
        if (Of(name, known) is { } nearest) return $"did you mean {Excerpt.Quote(nearest)}?";
        return known.Count is > 0 and <= 20 ? "known: " + string.Join(", ", known.Order(StringComparer.Ordinal)) : null;
    }

    // Insertions, deletions, replacements and swaps of neighbours cost one each; letter case is free, so that
    // `RateLimit` is nearest to `rateLimit`.
    private static int Distance(string left, string right)
    {
        Span<int> beforeLast = stackalloc int[LongestName + 1];
        Span<int> last = stackalloc int[LongestName + 1];
        Span<int> current = stackalloc int[LongestName + 1];
        for (var j = 0; j <= right.Length; j++) last[j] = j;

        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = Same(left[i - 1], right[j - 1]) ? 0 : 1;
                var distance = Math.Min(Math.Min(current[j - 1], last[j]) + 1, last[j - 1] + cost);
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1])) distance = Math.Min(distance, beforeLast[j - 2] + 1);
                current[j] = distance;
            }

            last.CopyTo(beforeLast);
            current.CopyTo(last);
        }

        return last[right.Length];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
