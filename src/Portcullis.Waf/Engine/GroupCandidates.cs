using Portcullis.Waf.Rules;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Engine;

/// <summary>
/// For each <see cref="TargetGroup"/>, which patterns can match at least one of its values. Computed when first asked for in a phase, from what each column
/// (a variable or one of its members) can match, which groups share.
/// </summary>
internal sealed class GroupCandidates
{
    private readonly Evaluation evaluation;
    private readonly RulePlan plan;
    private readonly int words;
    private readonly ulong[] groups;
    private readonly bool[] isGroupKnown;
    private readonly ulong[] columns;
    private readonly bool[] isColumnKnown;
    private int version = -1;

    public GroupCandidates(Evaluation evaluation)
    {
        this.evaluation = evaluation;
        plan = evaluation.Plan;
        words = plan.Prefilter.WordCount;
        groups = new ulong[plan.Groups.Length * words];
        isGroupKnown = new bool[plan.Groups.Length];
        columns = new ulong[plan.Columns.Length * plan.Chains.Count * words];
        isColumnKnown = new bool[plan.Columns.Length * plan.Chains.Count];
    }

    /// <summary>A phase begins: what was computed before new values came is forgotten.</summary>
    public void BeginPhase()
    {
        if (version == evaluation.Message.Version) return;
        version = evaluation.Message.Version;
        Array.Clear(isGroupKnown);
        Array.Clear(isColumnKnown);
    }

    /// <summary>Whether a pattern can match any value of the group. A superset: exclusions are not looked at.</summary>
    public bool May(int group, int pattern)
    {
        if (!isGroupKnown[group]) Compute(group);
        return (groups[group * words + (pattern >> 6)] >> pattern & 1) != 0;
    }

    public void Clear() => version = -1;

    private void Compute(int group)
    {
        var union = groups.AsSpan(group * words, words);
        union.Clear();
        var chain = plan.Groups[group].Chain;
        foreach (var column in plan.Groups[group].Columns) Or(union, Column(column, chain));
        isGroupKnown[group] = true;
    }

    private ReadOnlySpan<ulong> Column(int column, int chain)
    {
        var at = column * plan.Chains.Count + chain;
        var union = columns.AsSpan(at * words, words);
        if (isColumnKnown[at]) return union;

        union.Clear();
        var list = evaluation.Found;
        list.Clear();
        evaluation.Variables.Expand(plan.Columns[column], list);
        for (var index = 0; index < list.Count; index++)
        {
            var value = evaluation.Values.Transform(evaluation.Variables.Value(ref list[index]), chain);
            Or(union, evaluation.Values.Candidates(value));
        }

        list.Clear();
        isColumnKnown[at] = true;
        return union;
    }

    private static void Or(Span<ulong> into, ReadOnlySpan<ulong> from)
    {
        for (var word = 0; word < into.Length; word++) into[word] |= from[word];
    }
}
