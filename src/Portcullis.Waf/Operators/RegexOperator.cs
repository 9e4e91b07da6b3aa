using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Operators;

/// <summary><c>@rx</c>: the value contains a match of a regular expression.</summary>
internal sealed class RegexOperator(int pattern, ByteRegex regex) : PatternOperator(pattern)
{
    public override int Capture(Evaluation evaluation, ReadOnlySpan<byte> value, Span<Capture> captures)
    {
        regex.Locate(value, captures);
        return Groups(captures);
    }

    protected override bool MatchesCandidate(ReadOnlySpan<byte> value) => regex.IsMatch(value);
}
