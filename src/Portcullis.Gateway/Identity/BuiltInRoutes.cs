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
    public const string AuthorizationPath = "/oauth/authorize";
    public const string RevocationPath = "/oauth/revoke";
    public const string IntrospectionPath = "/oauth/introspect";
    public const string UserInfoPath = "/oauth/userinfo";
    public const string JwksPath = "/.well-known/jwks.json";
    public const string AuthorizationServerPath = "/.well-known/oauth-authorization-server";
    public const string OpenIdConfigurationPath = "/.well-known/openid-configuration";

    private static readonly TimeSpan KeySetAge = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DocumentAge = TimeSpan.FromHours(1);

    /// <summary>
    /// Whether a listener answers them: each that serves anything. One without TLS that only redirects does just that, so that no client
    /// gets used to sending its secret in the clear.
    /// </summary>
    public static bool AreOn(ListenerOptions listener, IEnumerable<RouteOptions> routes)
    {
        var onlyRedirects = false;
        foreach (var route in routes)
        {
            if (route.Redirect is null) return true;
            onlyRedirects = true;
        }

        return !onlyRedirects || listener.Tls is not null;
    }

    /// <summary>The routes for a listener; none without an identity section.</summary>
    /// <param name="routed">The hosts that configured routes name.</param>
    public static IReadOnlyList<RouteEntry<CompiledRoute>> Create(
        GatewayOptions options, IReadOnlyCollection<RouteHost> routed, DataPlaneState state, ConfigurationProblems problems)
    {
        if (options.Identity is not { } identity) return [];

        var hosts = new List<RouteHost>();
        foreach (var (index, text) in identity.Hosts.Index())
        {
            if (RouteHost.TryParse(text, out var host, out var error)) hosts.Add(host);
            else problems.Error($"identity.hosts[{index}]", error.Text, error.Hint);
        }

        // A route's host is more specific than a wildcard or any host, so a catch-all on it would take these paths over, credentials
        // and all: they are entered for each such host, too, where their longer literals win.
        var isForAll = identity.Hosts.Count == 0;
        hosts.AddRange([.. routed.Where(host => isForAll || hosts.Exists(wider => wider.Covers(host)))]);
        var service = new TokenService(identity, state, options.Listeners.Values.Any(listener => listener.Tls is { ClientCertificate: not ClientCertificateMode.None }));
        var discovery = new DocumentEndpoint("application/json", DocumentAge, () => service.Metadata);
        var keySet = new DocumentEndpoint("application/jwk-set+json", KeySetAge, () => state.Keys.Value.Current.PublicKeys(KeyPurpose.TokenSigning).Document);
        List<RouteEntry<CompiledRoute>> routes = [];
        foreach (var (name, path, methods, terminal) in service.Endpoints) Add(name, path, methods, terminal);
        Add("(jwks)", JwksPath, ["GET", "HEAD"], keySet);
        Add("(authorization-server)", AuthorizationServerPath, ["GET", "HEAD"], discovery);
        Add("(openid-configuration)", OpenIdConfigurationPath, ["GET", "HEAD"], discovery);
        foreach (var page in state.Identity.Pages?.Create(identity) ?? []) Add(page.Name, page.Path, page.Methods, page.Terminal);
        return routes;

        void Add(string name, string path, IReadOnlyList<string> methods, ITerminal terminal)
        {
            if (!RoutePattern.TryParse(path, out var pattern, out _)) throw new InvalidOperationException($"{path} is no route pattern");
            List<Policy> policies = [new AnonymousPolicy(forwardAuthorization: false), new AttemptLimit(name, state.Limits)];
            var route = new CompiledRoute(name, policies, terminal, state.Metrics.Route(name));
            if (isForAll) routes.Add(new(name, new RouteMatch { Path = pattern, Methods = methods }, route));
            if (hosts.Count > 0) routes.Add(new(name, new RouteMatch { Path = pattern, Hosts = hosts, Methods = methods }, route));
        }
    }
}
