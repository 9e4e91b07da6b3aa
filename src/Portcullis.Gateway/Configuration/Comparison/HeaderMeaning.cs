using Portcullis.Gateway.Policies.Headers;
using static Portcullis.Gateway.Configuration.Comparison.Judgement;
using static Portcullis.Gateway.Configuration.Comparison.Meaning;

namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>What changes of the security fields of responses mean.</summary>
internal static class HeaderMeaning
{
    private const string Policy = "routes.*.policies.headers";
    private const string MaximumAge = "max-age=";

    public static IEnumerable<SecurityRule> Rules =>
    [
        new(Policy, change => change.IsAdded
            ? Strengthens($"{Subject(change)} sends security headers")
            : change.IsRemoved ? Weakens($"{Subject(change)} no longer sends security headers") : null),
        new(Policy + ".preset", Preset),
        Scale(Policy + ".keepCsp", "keeping the upstream's content security policy", "true", "false"),
        Denies(Policy + ".remove", "removed response field"),
        new(Policy + ".*", Field),
    ];

    // Strict holds back all that web does; api suits what no browser shows, so it has no place between them.
    private static Judgement Preset(TreeChange change)
    {
        var summary = $"{Subject(change)}: the preset of security headers goes from {change.OldText} to {change.NewText}";
        return (Value(change.Old), Value(change.New)) switch
        {
            (_, HeadersPreset.Custom) => Weakens(summary),
            (HeadersPreset.Custom, _) => Strengthens(summary),
            (HeadersPreset.Strict, HeadersPreset.Web) => Weakens(summary),
            (HeadersPreset.Web, HeadersPreset.Strict) => Strengthens(summary),
            _ => Unclear(summary),
        };
    }

    private static Judgement Field(TreeChange change)
    {
        var what = $"{Subject(change)}: the security header {change.Item}";
        if (change.NewPlain == HeadersPolicyKind.Off) return Weakens(what + " is left out");
        if (change.OldPlain == HeadersPolicyKind.Off) return IsCustom(change.NewParent) && change.IsRemoved ? Neutral(what + " is still not sent") : Strengthens(what + " is sent again");
        if (change.IsRemoved) return IsCustom(change.NewParent) ? Weakens(what + " is no longer sent") : Unclear(what + " goes back to the preset's");
        if (change.IsAdded) return IsCustom(change.OldParent) ? Strengthens($"{what} is sent: {change.NewText}") : Unclear($"{what} replaces the preset's by {change.NewText}");

        var summary = $"{what} goes from {change.OldText} to {change.NewText}";
        return Age(change.NewPlain) < Age(change.OldPlain) ? Weakens(summary) : Unclear(summary);
    }

    private static object? Value(OptionNode? node) => (node as OptionValue)?.Value;

    private static bool IsCustom(OptionNode? policy) => Value((policy as OptionMap)?["preset"]) is HeadersPreset.Custom;

    // RFC 6797 §6.1.1; null where the field has none, as all fields but that one.
    private static long? Age(string? field)
    {
        var start = field?.IndexOf(MaximumAge, StringComparison.OrdinalIgnoreCase) ?? -1;
        if (start < 0) return null;
        var digits = field.AsSpan(start + MaximumAge.Length).TrimStart('"');
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        return long.TryParse(end < 0 ? digits : digits[..end], out var seconds) ? seconds : null;
    }
}
