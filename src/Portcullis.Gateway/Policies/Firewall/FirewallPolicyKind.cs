using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Firewall;

/// <summary><c>firewall</c>: which client addresses a route is for; allow wins over deny and over blocks.</summary>
internal sealed class FirewallPolicyKind : PolicyKind<FirewallOptions>
{
    public override string Name => "firewall";

    public override string Description => "Which client addresses may use the route: allow wins over deny, both over default.";

    protected override IEnumerable<Policy> Compile(FirewallOptions options, RouteCompilation route)
    {
        if (options is { Default: FirewallAction.Allow, Deny: [] })
        {
            route.Warning(
                string.Empty,
                options.Allow is [] ? "no address is refused" : "no address is refused: what allow does not name is let in by default",
                options.Allow is [] ? "name networks, or leave firewall out" : "write default: deny to let in only what allow names");
        }

        return [new FirewallPolicy(new Connections.Addresses.Firewall(options))];
    }
}
