using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// Address rules. On a listener they are checked when a connection is accepted, before TLS: a refused one is closed without a byte.
/// Order: <see cref="Allow"/> wins over <see cref="Deny"/>, and both over <see cref="Default"/>.
/// </summary>
public sealed record FirewallOptions
{
    [Description("What becomes of an address that neither list names: allow or deny.")]
    public FirewallAction Default { get; init; } = FirewallAction.Allow;

    [Description("CIDR blocks that are let in, whatever deny, the default or a block says.")]
    public IReadOnlyList<Cidr> Allow { get; init; } = [];

    [Description("CIDR blocks that are refused unless allow names them too.")]
    public IReadOnlyList<Cidr> Deny { get; init; } = [];
}
