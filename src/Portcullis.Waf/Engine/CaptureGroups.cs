using Portcullis.Waf.Bytes;
using Portcullis.Waf.Operators;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Engine;

/// <summary>
/// TX:0 to TX:9, which the action <c>capture</c> fills. As in ModSecurity 2, groups above the last one of the match are unset. Where groups are costs more than
/// whether there is a match, and most are never read: they are found when TX is asked for one, and not at all if the next match replaces them before.
/// </summary>
internal sealed class CaptureGroups(Evaluation evaluation)
{
    /// <summary>The names 0 to 9: they are the first of every <see cref="NameTable"/>, so their numbers are the digits.</summary>
    public static readonly Slice[] Names = [.. Enumerable.Range(0, 10).Select(digit => Slice.Of($"{digit}"))];

    private PatternOperator? pending;
    private int pendingValue;

    public static void InternIn(NameTable names)
    {
        foreach (var name in Names) names.Intern(name.Span);
    }

    /// <summary>The groups are those of this match, to be found when they are asked for.</summary>
    public void Defer(PatternOperator pattern, int value) => (pending, pendingValue) = (pattern, value);

    /// <summary>What an operator found that is no part of the value: TX:0 alone.</summary>
    public void Store(Slice text)
    {
        pending = null;
        evaluation.Tx.Set(0, Names[0], text);
        for (var group = 1; group < Names.Length; group++) evaluation.Tx.Unset(group, Names[group].Span);
    }

    /// <summary>The first of <see cref="Evaluation.Captures"/>, parts of <paramref name="value"/>.</summary>
    public void Store(Slice value, int groups)
    {
        pending = null;
        for (var group = 0; group < Names.Length; group++)
        {
            if (group >= groups)
            {
                evaluation.Tx.Unset(group, Names[group].Span);
                continue;
            }

            var capture = evaluation.Captures[group];
            evaluation.Tx.Set(group, Names[group], capture.Length <= 0 ? default : value.Part(capture.Offset, capture.Length));
        }
    }

    /// <summary>Puts into TX what has been deferred.</summary>
    public void Settle()
    {
        if (pending is not { } pattern) return;
        pending = null;
        var groups = pattern.Capture(evaluation, evaluation.Values[pendingValue], evaluation.Captures);
        Store(evaluation.Values.Slice(pendingValue), groups);
    }

    public void Clear() => pending = null;
}
