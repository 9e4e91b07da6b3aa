using Portcullis.Waf.Engine;
using Portcullis.Waf.Rules;

namespace Portcullis.Waf.Actions;

/// <summary><c>ctl:ruleRemoveById</c>, <c>ByTag</c>, <c>ByMsg</c>: rules that come later in this transaction do not run.</summary>
internal sealed class RemoveRules(RuleSelection rules) : RuleAction
{
    public override void Run(Evaluation evaluation) => evaluation.Removals.Remove(rules);
}
