using System.Net;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Forwarding;

/// <summary>What cluster options must keep to beyond their types and the bounds that stand with them.</summary>
internal static class ClusterRules
{
    /// <summary>A pick may walk over all destinations.</summary>
    private const int MostDestinations = 1000;

    private static readonly IPAddress MetadataService = new([169, 254, 169, 254]);

    public static void Check(string path, ClusterOptions options, ConfigurationProblems problems)
    {
        CheckDestinations(path, options, problems);
        CheckHealth($"{path}.health", options.Health, problems);
        if (options.Balance == Balance.Hash && options.Hash.On != HashKey.Address && string.IsNullOrEmpty(options.Hash.Name))
        {
            problems.Error($"{path}.hash.name", "must name the header or cookie to hash", "add name");
        }

        if (options.Affinity is { } affinity && !FieldSyntax.IsToken(affinity.Cookie))
        {
            problems.Error($"{path}.affinity.cookie", "is no cookie name", "use letters, digits, - and _ (RFC 6265 §4.1.1)");
        }

        if (options.Network.Allow.Any(network => network.Contains(MetadataService)))
        {
            problems.Warning($"{path}.network.allow", "whoever controls a destination's DNS record reaches the cloud's metadata service, 169.254.169.254", "allow only the networks that destinations are in");
        }

        if (options.Tls.DangerouslyAcceptAnyCertificate)
        {
            problems.Warning($"{path}.tls.dangerouslyAcceptAnyCertificate", "whoever can reach the network path can read and change this traffic", "use ca with the authority's certificate instead");
        }
    }

    private static void CheckDestinations(string path, ClusterOptions options, ConfigurationProblems problems)
    {
        if (options.Destinations.Count is 0 or > MostDestinations)
        {
            problems.Error($"{path}.destinations", $"must hold from 1 to {MostDestinations} destinations", "add a URL such as http://10.0.0.5:8080");
            return;
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < options.Destinations.Count; i++)
        {
            var url = options.Destinations[i].Url;
            var key = $"{path}.destinations[{i}]";
            if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            {
                problems.Error(key, "must be an http or https URL with a host", "for example http://10.0.0.5:8080");
                continue;
            }

            if (url.PathAndQuery is not ("/" or "") || url.UserInfo.Length > 0 || url.Fragment.Length > 0)
            {
                problems.Error(key, "must have no path, query, fragment or user", "say only scheme, host and port; paths are changed by routes");
            }

            if (!seen.Add(url.GetLeftPart(UriPartial.Authority))) problems.Error(key, "stands twice in the list", "use weight to give a destination more requests");
        }
    }

    private static void CheckHealth(string path, HealthOptions options, ConfigurationProblems problems)
    {
        if (options.Path is { } target && (target.Length == 0 || target[0] != '/' || !Uri.IsWellFormedUriString(target, UriKind.Relative)))
        {
            problems.Error($"{path}.path", "must be a path that begins with a slash", "for example /healthz");
        }
    }
}
