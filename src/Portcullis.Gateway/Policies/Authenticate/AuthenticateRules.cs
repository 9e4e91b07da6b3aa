using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>What contradicts itself in the options of a route that identifies its callers, or could let nobody in.</summary>
internal static class AuthenticateRules
{
    /// <summary>Whether some callers' requests get a token of the gateway's own.</summary>
    public static bool GivesTokens(AuthenticateOptions options)
        => options.UpstreamToken.Kind == UpstreamTokenKind.Own || (options.UpstreamToken.Kind == UpstreamTokenKind.Session && options.Methods.Contains(AuthenticationMethod.Session));

    /// <summary>Whether clients' credentials go on to the upstream: unless told, tokens alone, and only where nothing takes their place.</summary>
    public static bool Forwards(AuthenticateOptions options)
        => options.ForwardAuthorization ?? (options.Methods.All(method => method == AuthenticationMethod.Token) && !GivesTokens(options));

    public static void Check(AuthenticateOptions options, IdentityOptions identity, RouteCompilation route)
    {
        if (options.Methods.Distinct().Count() < options.Methods.Count) route.Error("methods", "a way to authenticate is named twice", "name each once");
        if (options.ForwardAuthorization == true) CheckForwarding(options, route);
        if (options.UpstreamToken.Audience is "") route.Error("upstreamToken.audience", "is empty", "write the name that the upstream knows itself by, or remove the key");
        if (options.UpstreamToken is { Audience: not null, Kind: not UpstreamTokenKind.None } && options.UpstreamToken.Audience == (identity.Audience ?? identity.Issuer))
            route.Warning("upstreamToken.audience", "is the gateway's own: the upstream can use the tokens it gets on the gateway's routes, as the caller", "name the upstream");
        if (GivesTokens(options) && route.Route.Mirror is not null)
            route.Warning("upstreamToken", "the cluster that the route is mirrored to gets the same tokens", "mirror only to a cluster that you trust as much, or write upstreamToken: none");

        var tellsSignIn = options.Methods.Contains(AuthenticationMethod.Token) || options.Methods.Contains(AuthenticationMethod.Session);
        if ((options.Require != RequiredFactor.Any || options.MaxAge is not null) && !tellsSignIn)
            route.Error(options.Require != RequiredFactor.Any ? "require" : "maxAge", "neither API keys nor certificates tell of a sign-in, so nobody could pass", "add token or session, or leave it out");
        if (options.Methods.Contains(AuthenticationMethod.Session)) CheckSignIn(identity, route);
        if (options.Methods.Contains(AuthenticationMethod.Certificate)) CheckCertificates(identity, route);
    }

    private static void CheckForwarding(AuthenticateOptions options, RouteCompilation route)
    {
        if (GivesTokens(options))
            route.Error("forwardAuthorization", "the upstream gets a token of the gateway's own in that field", "write forwardAuthorization: false, or upstreamToken: none");
        if (options.Methods.Contains(AuthenticationMethod.ApiKey))
            route.Warning("forwardAuthorization", "the upstream gets the callers' API keys, with which it can act as them", "write forwardAuthorization: false");
    }

    /// <summary>The page to sign in on is on the host of the route: elsewhere the cookie would not be seen.</summary>
    private static void CheckSignIn(IdentityOptions identity, RouteCompilation route)
    {
        if (identity.Hosts.Count == 0) return;
        var served = identity.Hosts.Select(Read).OfType<RouteHost>().ToList();
        var unserved = route.Route.Match.Hosts.Select(Read).OfType<RouteHost>().FirstOrDefault(host => !served.Exists(one => one.ToString() == host.ToString() || one.Covers(host)));
        if (unserved is null && route.Route.Match.Hosts.Count > 0) return;
        route.Warning("methods", $"nobody can sign in on {unserved?.ToString() ?? "hosts"} that identity.hosts does not name", "add the route's hosts to identity.hosts");

        static RouteHost? Read(string text) => RouteHost.TryParse(text, out var host, out _) ? host : null;
    }

    private static void CheckCertificates(IdentityOptions identity, RouteCompilation route)
    {
        if (identity.Certificates.Count == 0)
            route.Error("methods", "no certificate is mapped to a caller, so nobody could pass by one", "add identity.certificates");

        var names = route.Route.Match.Listeners is [] ? route.Gateway.Listeners.Keys : route.Route.Match.Listeners;
        var deaf = names.Where(name => route.Gateway.Listeners.TryGetValue(name, out var listener) && listener.Tls is not { ClientCertificate: not ClientCertificateMode.None }).ToList();
        if (deaf.Count == 0) return;
        var text = $"listener {string.Join(", ", deaf)} asks for no client certificate";
        const string hint = "set tls.clientCertificate: optional and clientCa on the listener, or name the route's listeners in match.listeners";
        if (deaf.Count == names.Count()) route.Error("methods", text, hint);
        else route.Warning("methods", text, hint);
    }
}
