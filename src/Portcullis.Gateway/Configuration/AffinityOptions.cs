using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>Keeps a client on the destination that first answered it, while that is healthy.</summary>
public sealed record AffinityOptions
{
    [Description("Name of the cookie, which holds an opaque id of the destination.")]
    [Shorthand]
    public required string Cookie { get; init; }
}
