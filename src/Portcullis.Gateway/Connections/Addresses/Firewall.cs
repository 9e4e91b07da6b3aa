using System.Net;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Addresses;

/// <summary>Compiled address rules: allow wins over deny, both over the default. Immutable; allocates nothing per look-up.</summary>
public sealed class Firewall
{
    private readonly bool admitsUnnamed;

    public Firewall(FirewallOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Allow = new CidrSet(options.Allow);
        Deny = new CidrSet(options.Deny);
        admitsUnnamed = options.Default == FirewallAction.Allow;
    }

    /// <summary>Addresses let in whatever else is said, temporary blocks included.</summary>
    public CidrSet Allow { get; }

    /// <summary>Addresses refused unless <see cref="Allow"/> names them.</summary>
    public CidrSet Deny { get; }

    /// <summary>Whether the address may come in.</summary>
    public bool Admits(IPAddress address) => Allow.Contains(address) || (!Deny.Contains(address) && admitsUnnamed);
}
