namespace Portcullis.Waf.SecLang;

/// <summary>Finds what was probably meant by a misspelt name.</summary>
internal static class Nearest
{
    /// <summary>A question for the end of an error message, or nothing where no name is near.</summary>
    public static string Hint(string name, IEnumerable<string> known)
    {
        if (name.Length > 64) return "";
        var best = known.Select(one => (Name: one, Distance: Distance(name.ToUpperInvariant(), one.ToUpperInvariant()))).MinBy(one => one.Distance);
        return best.Name is null || best.Distance > Math.Max(1, name.Length / 3) ? "" : $"; did you mean {best.Name}?";
    }

    private static int Distance(string left, string right)
    {
        Span<int> row = stackalloc int[right.Length + 1];
        for (var at = 0; at <= right.Length; at++) row[at] = at;
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var next = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (left[i - 1] == right[j - 1] ? 0 : 1));
                diagonal = row[j];
                row[j] = next;
            }
        }

        return row[right.Length];
    }
}
