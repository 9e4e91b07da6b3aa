using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Policies;
using Portcullis.Gateway.Policies.Authenticate;

namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>What listeners accept, and from whom.</summary>
internal static class ListenerRules
{
    public static void Check(RuleScope scope)
    {
        if (scope.Options.Listeners.Count == 0 && !HasListener(scope))
            scope.Error("listeners", "there is no listener, so nothing would be served", "add one: listeners: { public: { address: 0.0.0.0:8443, tls: {} } }");

        foreach (var (name, listener) in scope.Options.Listeners)
        {
            var path = "listeners." + name;
            CheckProxies(scope, path, listener);
            CheckFirewall(scope, path, listener);
            CheckLimits(scope, path + ".limits", listener.Limits);
            CheckPlain(scope, name, path, listener);
            CheckTransportSecurity(scope, path, listener);
            if (listener.EncodedSlashes == EncodedSlashes.Keep)
                scope.Warning(path + ".encodedSlashes", "%2F in paths is passed on: an upstream that decodes it sees another path than the one that was routed", "make sure that the upstreams do not decode it, or write refuse");
            if (listener.Protocols.Count == 0 && !scope.Problems.HasErrorAt(path + ".protocols"))
                scope.Error(path + ".protocols", "no protocol is named", "write [http1, http2], or remove the key");
        }
    }

    private static bool HasListener(RuleScope scope) => scope.Problems.HasErrorAt("listeners");

    private static void CheckProxies(RuleScope scope, string path, ListenerOptions listener)
    {
        for (var i = 0; i < listener.TrustedProxies.Count; i++)
        {
            if (listener.TrustedProxies[i].PrefixLength == 0)
                scope.Warning($"{path}.trustedProxies[{i}]", $"{listener.TrustedProxies[i]} lets every client name its own address", "list the proxies in front of the gateway alone");
        }

        if (listener.ProxyProtocol != ProxyProtocolMode.None && listener.TrustedProxies.Count == 0 && !scope.Problems.HasErrorAt(path + ".trustedProxies"))
            scope.Error(path + ".proxyProtocol", "the PROXY protocol is on, but no proxy is trusted to use it", "list the proxies under trustedProxies");
    }

    private static void CheckFirewall(RuleScope scope, string path, ListenerOptions listener)
    {
        if (listener.Firewall is { Default: FirewallAction.Deny, Allow.Count: 0 } && !scope.Problems.HasErrorAt(path + ".firewall"))
            scope.Warning(path + ".firewall", "every connection is refused: the default is deny and nothing is allowed", "list the networks under allow");
    }

    private static void CheckTransportSecurity(RuleScope scope, string path, ListenerOptions listener)
    {
        if (listener.StrictTransportSecurity is not { } value) return;
        if (!value.StartsWith("max-age=", StringComparison.Ordinal) || !FieldValue.IsValid(value))
            scope.Error(path + ".strictTransportSecurity", $"{Excerpt.Quote(value)} is no value of Strict-Transport-Security", "write max-age=31536000, or max-age=31536000; includeSubDomains");
        else if (listener.Tls is null && listener.TrustedProxies.Count == 0 && !scope.IsWritten(path + ".tls"))
            scope.Error(path + ".strictTransportSecurity", "says nothing without tls", "write it at the listener with tls");
    }

    private static void CheckLimits(RuleScope scope, string path, ListenerLimits limits)
    {
        Huge(limits.BodyBytes > 1L << 30, "bodyBytes", "request bodies of more than 1GiB are taken", "serve what needs them on a listener of its own");
        Huge(limits.HeaderBytes > 1L << 20, "headerBytes", "header fields of more than 1MiB are taken", "32KiB is enough for browsers and tokens");
        Huge(limits.HeaderCount > 1000, "headerCount", "more than 1000 header fields are taken", "100 is enough for browsers");
        Huge(limits.HeaderTimeout > TimeSpan.FromMinutes(1), "headerTimeout", "a client may take more than a minute to send its header fields", "slow clients then hold connections; 10s is usual");
        Huge(limits.MinimumBodyRate == 0, "minimumBodyRate", "clients may send a body as slowly as they like", "slow clients then hold connections; 240B/s is usual");
        Huge(limits.MinimumResponseRate == 0, "minimumResponseRate", "clients may take a response as slowly as they like", "slow clients then hold connections; 240B/s is usual");
        Huge(limits.ConnectionsPerAddress > limits.Connections, "connectionsPerAddress", "one address may take every connection", "set it well below connections");
        Huge(limits.Http2.MaxStreams > 1000, "http2.maxStreams", "a connection may have more than 1000 requests open", "100 is usual");

        void Huge(bool isHuge, string key, string message, string hint)
        {
            if (isHuge) scope.Warning($"{path}.{key}", message, hint);
        }
    }

    private static void CheckPlain(RuleScope scope, string name, string path, ListenerOptions listener)
    {
        if (listener.Tls is not null || scope.IsWritten(path + ".tls") || AddressRules.IsLoopback(listener.Address)) return;
        var routes = scope.Options.Routes.Where(route => route.Value.Match.Listeners.Count == 0 || route.Value.Match.Listeners.Contains(name)).ToList();
        if (scope.Options.Identity is not null && listener.TrustedProxies.Count == 0 && BuiltInRoutes.AreOn(listener, routes.Select(route => route.Value)))
        {
            scope.Warning(
                path,
                $"{BuiltInRoutes.TokenPath} refuses clients on other machines here: the listener has no tls, and they would send their secrets unencrypted",
                "add tls, bind it to 127.0.0.1, or let it redirect to https alone");
        }

        var route = routes.Find(route => route.Value.Redirect is null
            && route.Value.Policies.Find<AuthenticateOptions>("authenticate") is { } authenticate
            && !authenticate.Methods.Contains(AuthenticationMethod.None)).Key;
        if (route is not null)
        {
            scope.Warning(
                path,
                $"credentials for route {Excerpt.Quote(route)} cross the network unencrypted: the listener has no tls",
                "add tls, bind it to 127.0.0.1, or name other listeners in the route's match");
        }
    }
}
