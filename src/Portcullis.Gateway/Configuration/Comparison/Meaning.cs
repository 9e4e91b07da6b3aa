using System.Globalization;

namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>Ready-made judgements for the usual kinds of options. All judge by value, also of what was filled in, and print what stands in the file.</summary>
internal static class Meaning
{
    /// <summary>The second key names what the change is about: <c>route orders</c>, <c>listener public</c>.</summary>
    public static string Subject(TreeChange change) => change.Segments[0] switch
    {
        "admin" => "the admin listener",
        "identity" => "the token service",
        "keys" => "the key ring",
        "telemetry" => "telemetry",
        "waf" => "the firewall",
        "dataClasses" => $"data class {change.Segments[1]}",
        var section => $"{section.TrimEnd('s')} {change.Segments[1]}",
    };

    /// <summary>A number, size or duration that lets through more the larger it is.</summary>
    public static SecurityRule Limit(string pattern, string what) => Ordered(pattern, what, largerWeakens: true);

    /// <summary>A number, size or duration that lets through more the smaller it is.</summary>
    public static SecurityRule Floor(string pattern, string what) => Ordered(pattern, what, largerWeakens: false);

    /// <summary>A list whose items each let something more through; an empty list lets through nothing.</summary>
    public static SecurityRule Grants(string pattern, string what) => new(
        pattern + ".*",
        change => change.IsAdded
            ? Judgement.Weakens($"{Subject(change)}: {what} {change.Item} added")
            : change.IsRemoved ? Judgement.Strengthens($"{Subject(change)}: {what} {change.Item} removed") : null);

    /// <summary>A list whose items each hold something back; an empty list holds back nothing.</summary>
    public static SecurityRule Denies(string pattern, string what) => new(
        pattern + ".*",
        change => change.IsAdded
            ? Judgement.Strengthens($"{Subject(change)}: {what} {change.Item} added")
            : change.IsRemoved ? Judgement.Weakens($"{Subject(change)}: {what} {change.Item} removed") : null);

    /// <summary>A list whose items each let something more through, while an empty one stands for <paramref name="all"/>.</summary>
    public static SecurityRule GrantsOrAll(string pattern, string what, string all) => new(
        pattern + ".*",
        change => change switch
        {
            { IsAdded: true } => Count(change.OldParent) > 0
                ? Judgement.Weakens($"{Subject(change)}: {what} {change.Item} added")
                : Judgement.Strengthens($"{Subject(change)}: {what} {change.Item} named; before, {all}"),
            { IsRemoved: true } => Count(change.NewParent) > 0
                ? Judgement.Strengthens($"{Subject(change)}: {what} {change.Item} removed")
                : Judgement.Weakens($"{Subject(change)}: {what} {change.Item} removed; with none named, {all}"),
            _ => null,
        });

    /// <summary>Networks that names may resolve to: naming one excludes the others, but lifts the default denials too.</summary>
    public static SecurityRule Networks(string pattern, string what)
    {
        var rule = GrantsOrAll(pattern, what, "any but the default denials");
        return rule with
        {
            Judge = change => rule.Judge(change) is not { } judgement ? null
                : judgement.Direction == ChangeDirection.Strengthens && change.IsAdded ? Judgement.Unclear(judgement.Summary + ", and it is not denied by default any more") : judgement,
        };
    }

    /// <summary>Values from the weakest to the strongest.</summary>
    public static SecurityRule Scale(string pattern, string what, params string[] fromWeak) => new(
        pattern,
        change =>
        {
            var (old, current) = (Array.IndexOf(fromWeak, change.OldPlain), Array.IndexOf(fromWeak, change.NewPlain));
            return old < 0 || current < 0 ? null : Judgement.By(current < old, $"{Subject(change)}: {what} goes from {change.OldText} to {change.NewText}");
        });

    private static SecurityRule Ordered(string pattern, string what, bool largerWeakens) => new(
        pattern,
        change =>
        {
            if (change is not { Old: OptionValue old, New: OptionValue current } || old.Value.GetType() != current.Value.GetType() || old.Value is not IComparable comparable) return null;
            var isLarger = comparable.CompareTo(current.Value) < 0;
            return Judgement.By(isLarger == largerWeakens, string.Create(CultureInfo.InvariantCulture, $"{Subject(change)}: {what} goes from {old.Text} to {current.Text}"));
        });

    /// <summary>The values of a list, filled in or not: for judging.</summary>
    public static string[] Values(OptionNode? list) => (list as OptionList)?.Items.Select(item => item.Key).ToArray() ?? [];

    /// <summary>The values of a list as they may be printed.</summary>
    public static string Labels(OptionNode? list, string separator = " or ") => string.Join(separator, (list as OptionList)?.Items.Select(item => item.Label) ?? []);

    private static int Count(OptionNode? node) => (node as OptionList)?.Items.Count ?? 0;
}
