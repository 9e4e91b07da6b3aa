using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// Which addresses the gateway may connect to for a cluster. A destination written as an IP address is allowed as written;
/// names are checked after each resolution, so that a changed DNS record cannot point the gateway at, say, a metadata service.
/// </summary>
public sealed record NetworkOptions
{
    [Description("Networks that names may resolve to; these also lift the default denials. Default: any but loopback (other than as localhost), link-local, metadata, multicast, unspecified and broadcast")]
    public IReadOnlyList<Cidr> Allow { get; init; } = [];

    [Description("Networks that names may not resolve to, beside the default denials.")]
    public IReadOnlyList<Cidr> Deny { get; init; } = [];
}
