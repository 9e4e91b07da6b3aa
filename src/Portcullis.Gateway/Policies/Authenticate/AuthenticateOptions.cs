using System.ComponentModel;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>How callers of a route are identified.</summary>
public sealed record AuthenticateOptions
{
    [Description("token (a bearer access token), session (a person who signed in in a browser), apiKey, certificate (of the TLS connection), or none.")]
    [Shorthand]
    public required IReadOnlyList<AuthenticationMethod> Methods { get; init; }

    [Description("Whether the client's Authorization field, and its X-Api-Key, go on to the upstream. Default: true where only token or none is taken and the upstream gets no token of the gateway's own, else false")]
    public bool? ForwardAuthorization { get; init; }

    [Description("any, or mfa: people must have signed in with several factors. Default: any")]
    public RequiredFactor Require { get; init; }

    [Description("How long ago people may have signed in. Default: any time")]
    [Between("30s", "30d")]
    public TimeSpan? MaxAge { get; init; }

    [Description("Which access token of the gateway's own the upstream gets.")]
    public UpstreamTokenOptions UpstreamToken { get; init; } = new();
}
