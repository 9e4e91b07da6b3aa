using Portcullis.Waf.Engine;

namespace Portcullis.Waf.Actions;

/// <summary><c>ctl:requestBodyAccess</c> and <c>ctl:responseBodyAccess</c>: whether this transaction's body is read.</summary>
internal sealed class SetBodyAccess(bool isRequest, bool isRead) : RuleAction
{
    public override void Run(Evaluation evaluation)
    {
        if (isRequest) evaluation.Bodies.ReadsRequest = isRead;
        else evaluation.Bodies.ReadsResponse = isRead;
    }
}
