using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Operators;

/// <summary><c>@unconditionalMatch</c> and <c>@noMatch</c>.</summary>
internal sealed class ConstantOperator(bool matches) : Operator
{
    public static readonly ConstantOperator Always = new(true);

    public static readonly ConstantOperator Never = new(false);

    public override int Match(Evaluation evaluation, int value, Span<Capture> captures) => matches ? 0 : NoMatch;
}
