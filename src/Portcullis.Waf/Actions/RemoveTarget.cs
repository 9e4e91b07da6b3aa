using Portcullis.Waf.Engine;
using Portcullis.Waf.Rules;

namespace Portcullis.Waf.Actions;

/// <summary><c>ctl:ruleRemoveTargetById</c>, <c>ByTag</c>, <c>ByMsg</c>: rules that come later in this transaction do not look at a variable or a member of it.</summary>
internal sealed class RemoveTarget(RuleSelection rules, Target target) : RuleAction
{
    public override void Run(Evaluation evaluation) => evaluation.Removals.RemoveTarget(rules, target);
}
