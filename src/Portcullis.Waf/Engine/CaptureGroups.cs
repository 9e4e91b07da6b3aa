using Portcullis.Waf.Bytes;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Engine;

/// <summary>TX:0 to TX:9, which the action <c>capture</c> fills. As in ModSecurity 2, groups above the last one of the match are unset.</summary>
internal static class CaptureGroups
{
    /// <summary>The names 0 to 9: they are the first of every <see cref="NameTable"/>, so their numbers are the digits.</summary>
    public static readonly Slice[] Names = [.. Enumerable.Range(0, 10).Select(digit => Slice.Of($"{digit}"))];

    public static void InternIn(NameTable names)
    {
        foreach (var name in Names) names.Intern(name.Span);
    }

    /// <summary>What an operator found that is no part of the value: TX:0 alone.</summary>
    public static void Store(Evaluation evaluation, Slice text)
    {
        evaluation.Tx.Set(0, Names[0], text);
        for (var group = 1; group < Names.Length; group++) evaluation.Tx.Unset(group, Names[group].Span);
    }

    public static void Store(Evaluation evaluation, Slice value, int groups)
    {
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
}
