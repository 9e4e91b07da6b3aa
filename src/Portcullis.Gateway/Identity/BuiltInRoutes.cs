using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.RateLimit;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Identity;

/// <summary>The endpoints that the gateway answers itself where <c>identity</c> is configured. They are routes like any other, with limits.</summary>
internal static class BuiltInRoutes
{
    public const string TokenPath = "/oauth/token";
    public const string JwksPath = "/.well-known/jwks.json";
    public const string AuthorizationServerPath = "/.well-known/oauth-authorization-server";
    public const string OpenIdConfigurationPath = "/.well-known/openid-configuration";

    /// <summary>Requests per second that one address may send to the token endpoint, beside a burst of 40: room for a fleet behind one NAT, none for guessing.</summary>
    private const int TokenRequestsPerSecond = 20;

    private static readonly TimeSpan KeySetAge = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DocumentAge = TimeSpan.FromHours(1);

    public static IEnumerable<(RouteMatch Match, CompiledRoute Route)> Create(GatewayOptions options, DataPlaneState state)
    {
        if (options.Identity is not { } identity) return [];

        var discovery = DiscoveryDocument.Create(identity);
        var document = new DocumentEndpoint("application/json", DocumentAge, () => discovery);
        return
        [
            Route("(token)", TokenPath, ["POST"], new TokenEndpoint(state.Clients, state.Issuers.For(identity)), TokenLimits()),
            Route("(jwks)", JwksPath, ["GET", "HEAD"], new DocumentEndpoint("application/jwk-set+json", KeySetAge, state.Issuers.KeySet), []),
            Route("(discovery)", AuthorizationServerPath, ["GET", "HEAD"], document, []),
            Route("(openid)", OpenIdConfigurationPath, ["GET", "HEAD"], document, []),
        ];

        (RouteMatch Match, CompiledRoute Route) Route(string name, string path, string[] methods, ITerminal terminal, IEnumerable<Policy> policies)
        {
            return default;
        }

        IEnumerable<Policy> TokenLimits() => [];
    }
}
