using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Operators;

/// <summary><c>@rx</c>: the value contains a match of a regular expression.</summary>
internal sealed class RegexOperator(int pattern, ByteRegex regex) : PatternOperator(pattern)
{
    protected override int MatchCandidate(Evaluation evaluation, ReadOnlySpan<byte> value, Span<Capture> captures)
    {
        if (captures.IsEmpty) return regex.IsMatch(value) ? 0 : NoMatch;
        if (!regex.Match(value, captures)) return NoMatch;
        return Groups(captures);
    }
}
