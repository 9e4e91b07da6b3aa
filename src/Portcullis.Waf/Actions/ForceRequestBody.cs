using Portcullis.Waf.Engine;

namespace Portcullis.Waf.Actions;

/// <summary><c>ctl:forceRequestBodyVariable</c>: REQUEST_BODY is filled though no parser knows the body's type.</summary>
internal sealed class ForceRequestBody(bool isForced) : RuleAction
{
    public override void Run(Evaluation evaluation) => evaluation.Bodies.IsVariableForced = isForced;
}
