using Portcullis.Waf.Rules;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Engine;

/// <summary>
/// For each <see cref="TargetGroup"/>, which patterns can match at least one of its values. Computed when first asked for, from what each column can match,
/// which groups share, and again after any change of the message.
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
    private long version = -1;

    public GroupCandidates(Evaluation evaluation)
    {
        this.evaluation = evaluation;
        plan = evaluation.Plan;
        words = plan.Prefilter.WordCount;
        groups = new ulong[plan.Groups.Length * words];
        isGroupKnown = new bool[plan.Groups.Length];
        columns = new ulong[plan.Columns.Length * words];
        isColumnKnown = new bool[plan.Columns.Length];
    }

    /// <summary>Whether a pattern can match any value of the group. A superset: exclusions are not looked at.</summary>
    public bool May(int group, int pattern)
    {
        // What was computed before new values came is forgotten; a rule's own action may have changed one.
        if (version != evaluation.Message.Version) Forget();
        if (!isGroupKnown[group]) Compute(group);
        return (groups[group * words + (pattern >> 6)] >> pattern & 1) != 0;
    }

    /// <summary>Whether a pattern can match any value of a column, of a group of which <see cref="May"/> was asked just before.</summary>
    public bool MayInColumn(int column, int pattern) => (columns[column * words + (pattern >> 6)] >> pattern & 1) != 0;

    public void Clear() => version = -1;

    private void Forget()
    {
        version = evaluation.Message.Version;
        Array.Clear(isGroupKnown);
        Array.Clear(isColumnKnown);
    }

    private void Compute(int group)
    {
        var union = groups.AsSpan(group * words, words);
        union.Clear();
        var (first, count) = plan.Groups[group];
        foreach (var column in plan.GroupColumns.AsSpan(first, count)) Or(union, Column(column));
        isGroupKnown[group] = true;
    }

    private ReadOnlySpan<ulong> Column(int column)
    {
        var union = columns.AsSpan(column * words, words);
        if (isColumnKnown[column]) return union;

        union.Clear();
        var list = evaluation.Found;
        list.Clear();
        var (target, chain) = plan.Columns[column];
        evaluation.Variables.Expand(target, list);
        for (var index = 0; index < list.Count && !evaluation.Arena.IsFull; index++)
        {
            var value = evaluation.Values.Transform(evaluation.Variables.Value(ref list[index]), chain);
            Or(union, evaluation.Values.Candidates(value));
        }

        list.Clear();
        isColumnKnown[column] = true;
        return union;
    }

    private static void Or(Span<ulong> into, ReadOnlySpan<ulong> from)
    {
        for (var word = 0; word < into.Length; word++) into[word] |= from[word];
    }
}
