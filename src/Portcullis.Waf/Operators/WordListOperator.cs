using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Operators;

/// <summary>
/// <c>@pm</c>, <c>@pmFromFile</c>, <c>@pmFromDataset</c>: the value contains one of many words, ASCII letters' case aside. The one scan of the value has looked
/// for these very words, so nothing is left to do but to capture the word.
/// </summary>
internal sealed class WordListOperator(int pattern) : PatternOperator(pattern)
{
    public override int Capture(Evaluation evaluation, ReadOnlySpan<byte> value, Span<Capture> captures)
    {
        var (offset, length) = evaluation.Plan.Prefilter.Automaton.FindFirst(value, Pattern);
        captures[0] = new Capture(offset, length);
        return 1;
    }

    protected override bool MatchesCandidate(ReadOnlySpan<byte> value) => true;
}
