using System.Globalization;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Operators;

/// <summary><c>@validateByteRange</c>: the value contains a byte that is not among the allowed ones.</summary>
internal sealed class ByteRangeOperator(ByteSet allowed) : Operator
{
    /// <summary>Reads <c>32-126,9,10</c>; null if it is no such list.</summary>
    public static ByteSet? Parse(string text)
    {
        var set = ByteSet.Empty;
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var dash = item.IndexOf('-', StringComparison.Ordinal);
            var (first, last) = dash < 0 ? (item, item) : (item[..dash].Trim(), item[(dash + 1)..].Trim());
            if (!byte.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
                || !byte.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to)
                || from > to)
            {
                return null;
            }

            set |= ByteSet.Range(from, to);
        }

        return set.IsEmpty ? null : set;
    }

    public override int Match(Evaluation evaluation, int value, Span<Capture> captures) => evaluation.Values.Present(value).IsSubsetOf(allowed) ? NoMatch : 0;
}
