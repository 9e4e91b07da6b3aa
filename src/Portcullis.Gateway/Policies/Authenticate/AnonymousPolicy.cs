using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary><c>authenticate: none</c>: the caller is nobody.</summary>
internal sealed class AnonymousPolicy(bool forwardAuthorization) : Policy
{
    public override Stage Stage => Stage.Authenticate;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange)
    {
        exchange.Caller = Caller.Anonymous;
        exchange.ForwardAuthorization = forwardAuthorization;
        return new(Verdict.Continue);
    }
}
