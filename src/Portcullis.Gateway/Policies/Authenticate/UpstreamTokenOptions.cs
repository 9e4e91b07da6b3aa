using System.ComponentModel;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>The access token that the gateway signs for a route's upstream.</summary>
public sealed record UpstreamTokenOptions
{
    [Description("session: callers with a session get one; own: all callers; none: nobody. Default: session")]
    [Shorthand]
    public UpstreamTokenKind Kind { get; init; }

    [Description("Audience of the token. Default: the route's cluster, or the route's own name where it has several")]
    public string? Audience { get; init; }

    [Description("How long a token counts; one is used for several requests until a minute before its end. Default: 5m")]
    [Between("2m", "1h")]
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(5);
}
