using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Firewall;

/// <summary>Address rules of a route, by the same decision as a listener's (<see cref="Connections.Addresses.Firewall"/>), on the client's address.</summary>
internal sealed class FirewallPolicy(Connections.Addresses.Firewall rules) : Policy
{
    public override Stage Stage => Stage.Admit;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange)
        => new(rules.Admits(exchange.ClientAddress) ? Verdict.Continue : Verdict.Refuse(RefusalCode.AddressBlocked, "route firewall"));
}
