using System.Net;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>Destinations and how they are reached.</summary>
internal static class ClusterRules
{
    /// <summary>A pick may walk over all destinations.</summary>
    private const int MostDestinations = 1000;

    private static readonly IPAddress Metadata = IPAddress.Parse("169.254.169.254");

    public static void Check(RuleScope scope)
    {
        foreach (var (name, cluster) in scope.Options.Clusters)
        {
            var path = "clusters." + name;
            CheckDestinations(scope, path + ".destinations", cluster.Destinations);
            CheckHash(scope, path, cluster);
            CheckTls(scope, path + ".tls", cluster.Tls);
            CheckNetwork(scope, path + ".network", cluster.Network);

            if (cluster.Health.Path is { } health && (!health.StartsWith('/') || !Uri.IsWellFormedUriString(health, UriKind.Relative)))
                scope.Error(path + ".health.path", "must be a path that begins with /", "write a path such as /healthz");
            if (cluster.Affinity is { } affinity && !FieldSyntax.IsToken(affinity.Cookie))
                scope.Error(path + ".affinity.cookie", $"{Excerpt.Quote(affinity.Cookie)} is no cookie name", "use letters, digits, - and _ (RFC 6265 §4.1.1)");
            if (cluster.TryTimeout > cluster.Timeout)
                scope.Error(path + ".tryTimeout", "a single try may take longer than all tries together", "set it below timeout, or remove it");
        }
    }

    /// <summary>Networks that the gateway may connect to although the defaults forbid them.</summary>
    public static void CheckNetwork(RuleScope scope, string path, NetworkOptions network)
    {
        for (var i = 0; i < network.Allow.Count; i++)
        {
            if (network.Allow[i].Contains(Metadata))
                scope.Warning($"{path}.allow[{i}]", $"{network.Allow[i]} lets a DNS name lead to the cloud's metadata service", "allow the networks of the destinations alone");
        }
    }

    private static void CheckDestinations(RuleScope scope, string path, IReadOnlyList<DestinationOptions> destinations)
    {
        if (destinations.Count == 0)
        {
            if (!scope.Problems.HasErrorAt(path)) scope.Error(path, "there is no destination", "list at least one: [\"http://127.0.0.1:9001\"]");
            return;
        }

        if (destinations.Count > MostDestinations) scope.Error(path, $"there are more than {MostDestinations} destinations", "split them into clusters, or put a balancer of their own in front");
        if (destinations.All(destination => destination.Weight == 0))
            scope.Error(path, "every destination has weight 0, so none takes requests", "give one a weight of 1 or more");

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < destinations.Count; i++)
        {
            var url = destinations[i].Url;
            if (url.AbsolutePath != "/" || url.Query.Length > 0 || url.Fragment.Length > 0)
                scope.Error($"{path}[{i}]", $"{Excerpt.Quote(url.OriginalString)} has a path or query", $"write {url.Scheme}://{url.Authority}; paths are changed by the route's transform policy");
            else if (!seen.Add(url.AbsoluteUri))
                scope.Error($"{path}[{i}]", $"{Excerpt.Quote(url.OriginalString)} is listed twice", "list it once; weight gives a destination a larger share");
        }
    }

    private static void CheckHash(RuleScope scope, string path, ClusterOptions cluster)
    {
        if (cluster.Hash.On != HashKey.Address && string.IsNullOrEmpty(cluster.Hash.Name) && !scope.Problems.HasErrorAt(path + ".hash.name"))
            scope.Error(path + ".hash", $"hashing on a {(cluster.Hash.On == HashKey.Header ? "header" : "cookie")} needs its name", "add name");
        if (scope.IsWritten(path + ".hash") && cluster.Balance != Balance.Hash)
            scope.Warning(path + ".hash", "has no effect: balance is not hash", "set balance: hash, or remove it");
    }

    private static void CheckTls(RuleScope scope, string path, UpstreamTlsOptions tls)
    {
        if (tls.DangerouslyAcceptAnyCertificate)
            scope.Warning(path + ".dangerouslyAcceptAnyCertificate", "the destinations' certificates are not verified: anybody on the way can read and change the traffic", "set ca to the authority of the destinations instead");
        if (tls.ServerName is { } server && Uri.CheckHostName(server) == UriHostNameType.Unknown)
            scope.Error(path + ".serverName", $"{Excerpt.Quote(server)} is no host name", "write the name in the destinations' certificates, or remove the key");
        if (tls.Certificate is null != tls.PrivateKey is null && !scope.Problems.HasErrorAt(path))
            scope.Error(path, "a client certificate needs both certificate and privateKey", "set the one that is missing");
    }
}
