using Portcullis.Waf.Bytes;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;
using Portcullis.Waf.Rules;

namespace Portcullis.Waf.Operators;

/// <summary><c>@eq @ge @gt @le @lt</c>: both sides read as numbers, text without one as 0.</summary>
internal sealed class NumberOperator(NumberOperator.Comparison comparison, Macro argument) : Operator
{
    private readonly long constant = argument.IsConstant ? Numbers.Parse(argument.Constant.Span) : 0;

    internal enum Comparison : byte
    {
        Equal,
        GreaterOrEqual,
        Greater,
        LessOrEqual,
        Less,
    }

    public Comparison Kind => comparison;

    /// <summary>What values are compared with, where that is known when rules are loaded.</summary>
    public long? Limit => argument.IsConstant ? constant : null;

    public static bool Holds(Comparison comparison, long number, long other) => comparison switch
    {
        Comparison.Equal => number == other,
        Comparison.GreaterOrEqual => number >= other,
        Comparison.Greater => number > other,
        Comparison.LessOrEqual => number <= other,
        _ => number < other,
    };

    public bool Matches(Evaluation evaluation, long number) => Holds(comparison, number, argument.IsConstant ? constant : argument.Number(evaluation));

    public override int Match(Evaluation evaluation, int value, Span<Capture> captures)
        => Matches(evaluation, Numbers.Parse(evaluation.Values[value])) ? 0 : NoMatch;
}
