using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Portcullis.Gateway.Configuration.Comparison;

namespace Portcullis.Gateway.Configuration;

/// <summary>What changes between two configurations, in terms of security. Whatever differs is named, with or without a special meaning.</summary>
public sealed class ConfigurationDiff
{
    private static readonly SecurityRule[] Rules = [.. ListenerMeaning.Rules, .. RouteMeaning.Rules, .. LimitMeaning.Rules, .. HeaderMeaning.Rules, .. WafMeaning.Rules, .. ClusterMeaning.Rules, .. IdentityMeaning.Rules, .. KeyMeaning.Rules, .. PeopleMeaning.Rules];

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private ConfigurationDiff(IReadOnlyList<ConfigurationChange> changes) => Changes = changes;

    /// <summary>The changes: what weakens security first, then what may; each group in the order of the configuration.</summary>
    public IReadOnlyList<ConfigurationChange> Changes { get; }

    /// <summary>Whether a change weakens security, or can't be told not to.</summary>
    public bool MayWeaken => Changes.Any(change => change.Direction is ChangeDirection.Weakens or ChangeDirection.Unclear);

    /// <summary>Compares two loaded configurations, also when they have errors: then only what could be read.</summary>
    public static ConfigurationDiff Compare(LoadResult old, LoadResult current)
        => Compare(OptionTree.Of(old.Bound, old.Source, old.Directory), OptionTree.Of(current.Bound, current.Source, current.Directory));

    /// <summary>One line for each change, marked <c>-</c> where it weakens security, <c>?</c> where a person has to judge, <c>+</c> where it strengthens it.</summary>
    public string ToText()
    {
        if (Changes.Count == 0) return "no changes\n";
        var text = new StringBuilder();
        foreach (var change in Changes)
            text.Append(Mark(change.Direction)).Append(' ').Append(change.Summary).Append("  (").Append(change.Path).Append(")\n");
        return text.ToString();
    }

    /// <summary><c>{"changes":[{"direction","path","summary","old","new"}]}</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(new { changes = Changes }, Json);

    private static ConfigurationDiff Compare(OptionMap old, OptionMap current)
        => new([.. TreeComparison.Compare(old, current).Select(Describe).OrderBy(change => change.Direction switch
        {
            ChangeDirection.Weakens => 0,
            ChangeDirection.Unclear => 1,
            ChangeDirection.Strengthens => 2,
            _ => 3,
        })]);

    private static ConfigurationChange Describe(TreeChange change)
    {
        var judgement = Rules.Where(rule => rule.Covers(change)).Select(rule => rule.Judge(change)).FirstOrDefault(found => found is not null) ?? Generic(change);
        return new(judgement.Direction, change.Path, Excerpt.Of(judgement.Summary, 400), change.OldText, change.NewText);
    }

    // What no rule knows may be a widening: only what is listed as harmless passes without a judgement.
    private static Judgement Generic(TreeChange change)
    {
        var summary = change switch
        {
            { IsAdded: true } => change.NewText is { } added ? $"{change.Path} is set to {added}" : $"{change.Path} added",
            { IsRemoved: true } => change.OldText is { } removed ? $"{change.Path} is no longer set; it was {removed}" : $"{change.Path} removed",
            { OldText: { } old, NewText: { } current } when old == current => $"{change.Path} changed; its value is not shown",
            { OldText: { } old, NewText: { } current } => $"{change.Path} goes from {old} to {current}",
            _ => $"{change.Path} is in another order",
        };
        return HarmlessChanges.Contain(change) ? Judgement.Neutral(summary) : Judgement.Unclear(summary);
    }

    private static char Mark(ChangeDirection direction) => direction switch
    {
        ChangeDirection.Weakens => '-',
        ChangeDirection.Unclear => '?',
        ChangeDirection.Strengthens => '+',
        _ => ' ',
    };
}
