using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Forwarding;

/// <summary>What cluster options must keep to beyond their types.</summary>
internal static class ClusterRules
{
    /// <summary>A pick may walk over all destinations.</summary>
    private const int MostDestinations = 1000;

    public static void Check(string path, ClusterOptions options, ConfigurationProblems problems)
    {
        CheckDestinations(path, options, problems);
        if (options.Timeout <= TimeSpan.Zero) problems.Error($"{path}.timeout", "must be longer than nothing", "say 30s, or longer where answers take longer");
        if (options.TryTimeout <= TimeSpan.Zero) problems.Error($"{path}.tryTimeout", "must be longer than nothing", "leave it out, or say 5s");
        if (options.IdleTimeout <= TimeSpan.Zero) problems.Error($"{path}.idleTimeout", "must be longer than nothing", "say 5m");
        if (options.Retries is < 0 or > 10) problems.Error($"{path}.retries", "must be from 0 to 10", "1 is usual");
        if (options.RetryBudget is not (>= 0 and <= 1)) problems.Error($"{path}.retryBudget", "must be a share from 0 to 1", "0.2 is usual");
        if (options.CircuitBreaker.FailureRatio is not (> 0 and <= 1)) problems.Error($"{path}.circuitBreaker.failureRatio", "must be above 0 and at most 1", "0.5 is usual; 1 turns it off");
        if (options.CircuitBreaker.MinimumRequests < 1) problems.Error($"{path}.circuitBreaker.minimumRequests", "must be at least 1", "20 is usual");
        if (options.CircuitBreaker.Window < TimeSpan.FromSeconds(1)) problems.Error($"{path}.circuitBreaker.window", "must be at least 1s", "10s is usual");
        if (options.CircuitBreaker.OpenFor <= TimeSpan.Zero) problems.Error($"{path}.circuitBreaker.openFor", "must be longer than nothing", "5s is usual");
        CheckHealth($"{path}.health", options.Health, problems);
        CheckConnections($"{path}.connections", options.Connections, problems);
        if (options.Balance == Balance.Hash && options.Hash.On != HashKey.Address && string.IsNullOrEmpty(options.Hash.Name))
        {
            problems.Error($"{path}.hash.name", "must name the header or cookie to hash", "add name");
        }

        if (options.Affinity is { } affinity && !FieldSyntax.IsToken(affinity.Cookie))
        {
            problems.Error($"{path}.affinity.cookie", "is no cookie name", "use letters, digits, - and _ (RFC 6265 §4.1.1)");
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
            var (url, weight) = (options.Destinations[i].Url, options.Destinations[i].Weight);
            var key = $"{path}.destinations[{i}]";
            if (weight is < 0 or > 1000) problems.Error($"{key}.weight", "must be from 0 to 1000", "1 is usual");
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

        if (options.Interval < TimeSpan.FromMilliseconds(100)) problems.Error($"{path}.interval", "must be at least 100ms", "5s is usual");
        if (options.Timeout <= TimeSpan.Zero) problems.Error($"{path}.timeout", "must be longer than nothing", "2s is usual");
        if (options.UnhealthyAfter < 1) problems.Error($"{path}.unhealthyAfter", "must be at least 1", "2 is usual");
        if (options.HealthyAfter < 1) problems.Error($"{path}.healthyAfter", "must be at least 1", "2 is usual");
        if (options.PassiveFailures < 1) problems.Error($"{path}.passiveFailures", "must be at least 1", "5 is usual");
        if (options.PassivePause <= TimeSpan.Zero) problems.Error($"{path}.passivePause", "must be longer than nothing", "10s is usual");
        if (options.SlowStart < TimeSpan.Zero) problems.Error($"{path}.slowStart", "must not be negative", "10s is usual; 0s turns it off");
    }

    private static void CheckConnections(string path, ConnectionOptions options, ConfigurationProblems problems)
    {
        if (options.Maximum is < 1 or > 65535) problems.Error($"{path}.maximum", "must be from 1 to 65535", "512 is usual");
        if (options.Queue is < 0 or > 1_000_000) problems.Error($"{path}.queue", "must be from 0 to 1000000", "1024 is usual");
        if (options.ConnectTimeout <= TimeSpan.Zero) problems.Error($"{path}.connectTimeout", "must be longer than nothing", "5s is usual");
        if (options.IdleTimeout <= TimeSpan.Zero) problems.Error($"{path}.idleTimeout", "must be longer than nothing", "60s is usual");
        if (options.Lifetime <= TimeSpan.Zero) problems.Error($"{path}.lifetime", "must be longer than nothing", "5m is usual");
    }
}
