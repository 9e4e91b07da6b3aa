using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>One upstream server. In YAML a plain URL stands for <c>{ url: … }</c>.</summary>
public sealed record DestinationOptions
{
    [Description("http://host:port or https://host:port, without path, query or user.")]
    [Shorthand]
    public required Uri Url { get; init; }

    [Description("Share of requests relative to the other destinations, 0 to 1000; 0 takes none. Default: 1")]
    [Between(0, 1000)]
    public int Weight { get; init; } = 1;
}
