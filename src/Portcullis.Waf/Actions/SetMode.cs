using Portcullis.Waf.Engine;

namespace Portcullis.Waf.Actions;

/// <summary><c>ctl:ruleEngine</c>: the rest of this transaction is refused, only reported, or not inspected. It can't make a detecting route refuse.</summary>
internal sealed class SetMode(EngineMode mode) : RuleAction
{
    public override void Run(Evaluation evaluation)
    {
        if (mode > evaluation.Mode) evaluation.Mode = mode;
    }
}
