using Portcullis.Waf.Bytes;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;
using Portcullis.Waf.Rules;

namespace Portcullis.Waf.Operators;

/// <summary><c>@eq @ge @gt @le @lt</c>: both sides read as numbers, text without one as 0.</summary>
internal sealed class NumberOperator(NumberOperator.Comparison comparison, Macro argument) : Operator
{
    private readonly long constant = argument.IsConstant ? Numbers.Parse(argument.Constant.Span) : 0;

    internal enum Comparison
    {
        Equal,
        GreaterOrEqual,
        Greater,
        LessOrEqual,
        Less,
    }

    public bool Matches(Evaluation evaluation, long number)
    {
        var other = argument.IsConstant ? constant : argument.Number(evaluation);
        return comparison switch
        {
            Comparison.Equal => number == other,
            Comparison.GreaterOrEqual => number >= other,
            Comparison.Greater => number > other,
            Comparison.LessOrEqual => number <= other,
            _ => number < other,
        };
    }

    public override int Match(Evaluation evaluation, int value, Span<Capture> captures)
        => Matches(evaluation, Numbers.Parse(evaluation.Values[value])) ? 0 : NoMatch;
}
