using System.Globalization;

namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>Ready-made judgements for the usual kinds of options.</summary>
internal static class Meaning
{
    /// <summary>The second key names what the change is about: <c>route orders</c>, <c>listener public</c>.</summary>
    public static string Subject(TreeChange change) => change.Segments[0] switch
    {
        "admin" => "the admin listener",
        "identity" => "the token service",
        "telemetry" => "telemetry",
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
            ? Judgement.Weakens($"{Subject(change)}: {what} {change.NewText ?? change.Segments[^1]} added")
            : change.IsRemoved ? Judgement.Strengthens($"{Subject(change)}: {what} {change.OldText ?? change.Segments[^1]} removed") : null);

    /// <summary>A list whose items each hold something back; an empty list holds back nothing.</summary>
    public static SecurityRule Denies(string pattern, string what) => new(
        pattern + ".*",
        change => change.IsAdded
            ? Judgement.Strengthens($"{Subject(change)}: {what} {change.NewText ?? change.Segments[^1]} added")
            : change.IsRemoved ? Judgement.Weakens($"{Subject(change)}: {what} {change.OldText ?? change.Segments[^1]} removed") : null);

    /// <summary>A list of conditions of which one must hold; an empty list is no condition.</summary>
    public static SecurityRule Narrows(string pattern, string what) => new(
        pattern + ".*",
        change =>
        {
            var (old, current) = (Count(change.OldParent), Count(change.NewParent));
            var item = $"{what} {change.NewText ?? change.OldText ?? change.Segments[^1]}";
            if (change is { IsAdded: false, IsRemoved: false }) return null;
            if (change.IsAdded)
                return old == 0 ? Judgement.Strengthens($"{Subject(change)} is limited to {item}") : Judgement.Weakens($"{Subject(change)} also covers {item}");
            return current == 0 ? Judgement.Weakens($"{Subject(change)} covers any {what}, not only {item}") : Judgement.Strengthens($"{Subject(change)} no longer covers {item}");
        });

    /// <summary>Values from the weakest to the strongest.</summary>
    public static SecurityRule Scale(string pattern, string what, params string[] fromWeak) => new(
        pattern,
        change =>
        {
            var (old, current) = (Array.IndexOf(fromWeak, change.OldText), Array.IndexOf(fromWeak, change.NewText));
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

    private static int Count(OptionNode? node) => (node as OptionList)?.Items.Count ?? 0;
}
