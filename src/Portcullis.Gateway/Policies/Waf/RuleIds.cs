using System.Globalization;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>One rule's id, or all from one id to another.</summary>
public readonly record struct RuleIds(long First, long Last)
{
    /// <summary>Reads <c>942100</c> or <c>942000-942999</c>.</summary>
    public static bool TryParse(string? text, out RuleIds ids, out string? error)
    {
        ids = default;
        error = null;
        if (text is null) return false;
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (!TryId(dash < 0 ? text : text[..dash], out var first) || !TryId(dash < 0 ? text : text[(dash + 1)..], out var last)) return false;
        if (last < first)
        {
            error = $"write the lower id first: {last}-{first}";
            return false;
        }

        ids = new RuleIds(first, last);
        return true;
    }

    public override string ToString() => First == Last ? First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    private static bool TryId(string text, out long id) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id is > 0 and < 1_000_000_000;
}
