using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>What <see cref="Balance.Hash"/> hashes.</summary>
public sealed record HashOptions
{
    [Description("address, header or cookie. Default: address")]
    public HashKey On { get; init; } = HashKey.Address;

    [Description("Name of the header or cookie. Requests without it go by address.")]
    public string? Name { get; init; }
}
