using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>Phase 2, with the request's body where there is one, before anything of it is forwarded.</summary>
internal sealed class WafBodyPolicy : Policy
{
    public override Stage Stage => Stage.InspectBody;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange) => exchange.Inspection?.InspectRequestAsync(exchange) ?? new(Verdict.Continue);
}
