using Portcullis.Waf.Engine;
using Portcullis.Waf.Rules;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Actions;

/// <summary><c>expirevar</c>: a variable of a persistent collection ends after some seconds.</summary>
internal sealed class ExpireVariable(Variable collection, Macro name, Macro seconds) : RuleAction
{
    public override void Run(Evaluation evaluation)
        => evaluation.Records[collection - Variable.Ip]?.ExpireAfter(name.Expand(evaluation).Span, TimeSpan.FromSeconds(Math.Clamp(seconds.Number(evaluation), 0, int.MaxValue)));
}
