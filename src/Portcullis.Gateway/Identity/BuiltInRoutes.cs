using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Routing;
using Portcullis.Trust.Keys;

namespace Portcullis.Gateway.Identity;

/// <summary>The endpoints that the gateway answers itself where <c>identity</c> is configured. They are routes like any other, with limits.</summary>
internal static class BuiltInRoutes
{
    public const string TokenPath = "/oauth/token";
    public const string JwksPath = "/.well-known/jwks.json";
    public const string AuthorizationServerPath = "/.well-known/oauth-authorization-server";
    public const string OpenIdConfigurationPath = "/.well-known/openid-configuration";

    private static readonly TimeSpan KeySetAge = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DocumentAge = TimeSpan.FromHours(1);

    /// <summary>The routes for every listener; none without an identity section.</summary>
    public static IReadOnlyList<RouteEntry<CompiledRoute>> Create(GatewayOptions options, DataPlaneState state, ConfigurationProblems problems)
    {
        if (options.Identity is not { } identity) return [];

        var hosts = new List<RouteHost>();
        foreach (var (index, text) in identity.Hosts.Index())
        {
            if (RouteHost.TryParse(text, out var host, out var error)) hosts.Add(host);
            else problems.Error($"identity.hosts[{index}]", error.Text, error.Hint);
        }

        var discovery = new DocumentEndpoint("application/json", DocumentAge, () => DiscoveryDocument.Create(identity));
        var tokens = new TokenEndpoint(state.Clients, new AccessTokenIssuer(state.Keys, identity, state.Clock));
        var keySet = new DocumentEndpoint("application/jwk-set+json", KeySetAge, () => state.Keys.Value.Current.PublicKeys(KeyPurpose.TokenSigning).Document);
        return
        [
            Route("(token)", TokenPath, ["POST"], tokens),
            Route("(jwks)", JwksPath, ["GET", "HEAD"], keySet),
            Route("(authorization-server)", AuthorizationServerPath, ["GET", "HEAD"], discovery),
            Route("(openid-configuration)", OpenIdConfigurationPath, ["GET", "HEAD"], discovery),
        ];

        RouteEntry<CompiledRoute> Route(string name, string path, string[] methods, ITerminal terminal)
        {
            if (!RoutePattern.TryParse(path, out var pattern, out _)) throw new InvalidOperationException($"{path} is no route pattern");
            var policies = new List<Policy> { new AnonymousPolicy(forwardAuthorization: false) };
            policies.Add(BuiltInLimits.For(name, state));
            var route = new CompiledRoute(name, policies, terminal, state.Metrics.Route(name));
            return new(name, new RouteMatch { Path = pattern, Hosts = hosts, Methods = methods }, route);
        }
    }
}
