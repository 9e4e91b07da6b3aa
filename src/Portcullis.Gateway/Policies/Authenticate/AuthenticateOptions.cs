using System.ComponentModel;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>How callers of a route are identified.</summary>
public sealed record AuthenticateOptions
{
    [Description("token (a bearer access token) or none.")]
    [Shorthand]
    public required IReadOnlyList<AuthenticationMethod> Methods { get; init; }

    [Description("Whether the client's Authorization field goes on to the upstream. Default: true")]
    public bool ForwardAuthorization { get; init; } = true;
}
