using Portcullis.Waf.Engine;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Actions;

/// <summary><c>ctl:requestBodyProcessor</c>: how the request's body is read, whatever its content type says.</summary>
internal sealed class SetBodyKind(BodyKind kind) : RuleAction
{
    public override void Run(Evaluation evaluation)
    {
        evaluation.Bodies.Kind = kind;
        evaluation.Message.Set(Variable.ReqbodyProcessor, RequestBodyReader.Name(kind));
    }
}
