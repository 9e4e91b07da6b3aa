using System.Globalization;

namespace Portcullis.Waf.Rules;

/// <summary>Rule ids from one to another, both included: <c>942100</c> or <c>942000-942999</c>.</summary>
internal readonly record struct IdRange(long From, long To)
{
    public bool Contains(long id) => id >= From && id <= To;

    /// <summary>Reads a list, separated by commas or white space; null if it is none.</summary>
    public static List<IdRange>? Parse(string text)
    {
        var ranges = new List<IdRange>();
        foreach (var item in text.Split([',', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            var dash = item.IndexOf('-', StringComparison.Ordinal);
            var (first, last) = dash < 0 ? (item, item) : (item[..dash], item[(dash + 1)..]);
            if (!long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
                || !long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to)
                || from > to)
            {
                return null;
            }

            ranges.Add(new IdRange(from, to));
        }

        return ranges.Count == 0 ? null : ranges;
    }
}
