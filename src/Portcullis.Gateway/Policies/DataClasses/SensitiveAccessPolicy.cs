using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.DataClasses;

/// <summary>Tells of every access to data of a sensitive class: who, which class, what for. Last of its stage, so that only who may have it is told of.</summary>
/// <param name="dataClass">The class.</param>
/// <param name="purpose">What the route says access is for; empty where it does not say.</param>
/// <param name="route">The route.</param>
/// <param name="events">Where it is told.</param>
internal sealed class SensitiveAccessPolicy(string dataClass, string purpose, string route, ISecurityEvents events) : Policy
{
    public override Stage Stage => Stage.Authorize;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange)
    {
        // Nothing sensitive goes to nobody: an access that names nobody proves nothing.
        if (exchange.Caller is not { IsAnonymous: false } caller) return new(Verdict.Refuse(RefusalCode.AuthenticationRequired, "nobody has been identified"));
        events.Raise(new SecurityEvent(SecurityEventKind.SensitiveAccess)
        {
            Subject = caller.Label,
            ClientId = caller.ClientId,
            RequestId = exchange.RequestId,
            Route = route,
            DataClass = dataClass,
            Purpose = purpose,
        });
        return new(Verdict.Continue);
    }
}
