using Portcullis.Gateway.Policies.Cors;
using Portcullis.Gateway.Policies.Waf;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway.Pipeline;

/// <summary>A route as the data plane runs it: its policies in order, its terminal and its counters.</summary>
public sealed class CompiledRoute
{
    private readonly Policy[] requestPolicies;
    private readonly Policy[] responsePolicies;

    public CompiledRoute(string name, IEnumerable<Policy> policies, ITerminal terminal, RouteCounters counters)
    {
        Name = name;
        Terminal = terminal;
        Counters = counters;
        requestPolicies = [.. policies.OrderBy(policy => policy.Stage)];
        responsePolicies = [.. requestPolicies.Where(policy => policy.ActsOnResponse).Reverse()];
        Firewall = requestPolicies.OfType<WafHeadPolicy>().FirstOrDefault();
        AnswersPreflights = requestPolicies.Any(policy => policy is CorsPolicy);
    }

    /// <summary>The key of the route in the configuration; built-in endpoints have names in parentheses, as in <c>(token)</c>.</summary>
    public string Name { get; }

    /// <summary>Class of the data that it leads to; null for none.</summary>
    public string? DataClass { get; init; }

    /// <summary>What that data is used for; null where it does not say.</summary>
    public string? Purpose { get; init; }

    /// <summary>Policies in the order of their stages.</summary>
    public ReadOnlySpan<Policy> RequestPolicies => requestPolicies;

    /// <summary>Policies that see the response head, in reverse order.</summary>
    public ReadOnlySpan<Policy> ResponsePolicies => responsePolicies;

    public ITerminal Terminal { get; }

    /// <summary>Whether browsers' questions about requests to this route are answered by the gateway, whatever methods it matches.</summary>
    internal bool AnswersPreflights { get; }

    /// <summary>The rules of the firewall; null where the route has none.</summary>
    internal WafHeadPolicy? Firewall { get; }

    /// <summary>Counters that live as long as the process, whatever is reloaded.</summary>
    public RouteCounters Counters { get; }
}
