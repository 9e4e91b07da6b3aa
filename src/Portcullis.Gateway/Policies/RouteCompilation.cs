using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Policies.Waf;
using Portcullis.Waf;

namespace Portcullis.Gateway.Policies;

/// <summary>What a policy kind gets to compile one route's options: the configuration around them, shared state, and where to report.</summary>
public sealed class RouteCompilation
{
    private readonly ConfigurationProblems problems;
    private readonly string path;
    private readonly ConfiguredRules rules;

    internal RouteCompilation(string name, string kind, RouteOptions route, GatewayOptions gateway, DataPlaneState state, ConfigurationProblems problems, ConfiguredRules? rules = null)
    {
        Name = name;
        Route = route;
        Gateway = gateway;
        State = state;
        this.problems = problems;
        this.rules = rules ?? new ConfiguredRules(gateway.Waf, state.Rules, problems);
        path = $"routes.{name}.policies.{kind}";
    }

    /// <summary>The route's key in the configuration.</summary>
    public string Name { get; }

    public RouteOptions Route { get; }

    public GatewayOptions Gateway { get; }

    /// <summary>What outlives configurations: counters, caches, keys.</summary>
    public DataPlaneState State { get; }

    /// <summary>The rules of the web application firewall; null where they have errors, which have been reported.</summary>
    internal RuleSet? Rules => rules.Value;

    /// <summary>Reports an error; the configuration will not be applied.</summary>
    /// <param name="relativePath">Key path below the policy, as in <c>origins[0]</c>; empty for the policy itself.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="hint">What to do.</param>
    public void Error(string relativePath, string message, string hint) => problems.Error(Path(relativePath), message, hint);

    /// <summary>Reports what works but weakens security; shown by <c>check</c> and logged at start.</summary>
    public void Warning(string relativePath, string message, string hint) => problems.Warning(Path(relativePath), message, hint);

    /// <summary>Whether there is an error at the path or below it already, as where a value could not be read.</summary>
    internal bool HasErrorAt(string relativePath) => problems.HasErrorAt(Path(relativePath));

    private string Path(string relative) => relative.Length == 0 ? path : relative[0] == '[' ? path + relative : path + "." + relative;
}
