using System.Collections.Frozen;
using Portcullis.Gateway.Configuration.Rules;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Policies.Authorize;
using Portcullis.Gateway.Policies.DataClasses;
using Portcullis.Gateway.Policies.Waf;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// Turns options into a snapshot, or reports everything that is wrong with them. <c>check</c>, <c>serve</c> and reloads all
/// come through here. Changes nothing outside: what it makes takes effect when the snapshot is published.
/// </summary>
public sealed class ConfigurationCompiler(IReadOnlyList<PolicyKind> kinds, DataPlaneState state)
{
    /// <summary>
    /// Reports everything that is wrong or weak, for <c>check</c>: the same compilation as for running, with state of its own
    /// that nothing else sees. What this user may not write on this machine is told too.
    /// </summary>
    public static async Task CheckAsync(GatewayOptions options, ConfigurationProblems problems)
    {
        await using var state = DataPlaneState.ForChecks();
        new ConfigurationCompiler(PolicyKinds.All, state).Compile(options, problems, version: 0);
        DecisionLogRule.Check(options, problems);
    }

    /// <summary>What a route does to its requests, in order: each stage, and the key of the policy that acts there. Empty where there is no such route.</summary>
    public static async Task<IReadOnlyList<(Stage Stage, string Policy)>> LayersAsync(GatewayOptions options, ConfigurationProblems problems, string route)
    {
        await using var state = DataPlaneState.ForChecks();
        if (!options.Routes.TryGetValue(route, out var configured)) return [];
        var rules = new ConfiguredRules(options.Waf, state.Rules, problems);
        var policies = new ConfigurationCompiler(PolicyKinds.All, state).CompilePolicies(route, configured, options, rules, problems);
        return [.. policies.OrderBy(policy => policy.Stage).Select(policy => (policy.Stage, policy.Kind)).Distinct()];
    }

    /// <summary>Compiles, or returns null after reporting errors to <paramref name="problems"/>.</summary>
    internal GatewaySnapshot? Compile(GatewayOptions options, ConfigurationProblems problems, long version)
    {
        var clusters = ClusterRegistry.Prepare(options.Clusters, problems);
        var rules = new ConfiguredRules(options.Waf, state.Rules, problems);
        var routes = new List<(RouteOptions Options, RouteEntry<CompiledRoute> Entry)>();
        foreach (var (name, route) in options.Routes)
        {
            var match = RouteMatchCompiler.Compile(name, route.Match, problems);
            var policies = CompilePolicies(name, route, options, rules, problems);
            var terminal = CompileTerminal(name, route, options);
            if (match is null || terminal is null) continue;

            routes.Add((route, new(name, match, new CompiledRoute(name, policies, terminal, state.Metrics.Route(name)) { DataClass = route.DataClass, Purpose = route.Purpose })));
        }

        var builtIn = BuiltInRoutes.Create(options, [.. routes.SelectMany(route => route.Entry.Match.Hosts).Distinct()], state, problems);
        var tables = new Dictionary<string, RouteTable<CompiledRoute>>(StringComparer.Ordinal);
        var observers = new Dictionary<string, WafHeadPolicy>(StringComparer.Ordinal);
        foreach (var (listener, listenerOptions) in options.Listeners)
        {
            var own = routes.Where(route => route.Options.Match.Listeners is [] || route.Options.Match.Listeners.Contains(listener)).ToList();
            if (own.Select(route => route.Entry.Value.Firewall).OfType<WafHeadPolicy>().MaxBy(firewall => firewall.Paranoia) is { } strictest) observers[listener] = strictest;
            var entries = own.Select(route => route.Entry);
            if (BuiltInRoutes.AreOn(listenerOptions, own.Select(route => route.Options))) entries = entries.Concat(builtIn);
            if (RouteTable<CompiledRoute>.Build(entries, out var errors) is { } table) tables[listener] = table;
            foreach (var error in errors) problems.Error(error.Route.Length == 0 ? "routes" : $"routes.{error.Route}.match", error.Text, error.Hint);
        }

        // Rules of one's own are looked at before a route has them.
        if (options.Waf.Rules is not [Portcullis.Waf.RuleSet.Builtin]) _ = rules.Value;
        if (problems.HasErrors) return null;
        return new GatewaySnapshot
        {
            Version = version,
            Options = options,
            Clusters = clusters,
            Counters = [.. routes.Select(route => route.Entry).Concat(builtIn).Select(entry => entry.Value.Counters)],
            Rules = options.Listeners.ToFrozenDictionary(pair => pair.Key, pair => new ConnectionRules(pair.Key, pair.Value), StringComparer.Ordinal),
            Observers = observers.ToFrozenDictionary(StringComparer.Ordinal),
            Routes = tables.ToFrozenDictionary(StringComparer.Ordinal),

            // Their defects have been reported with those of the other sections; with errors nobody comes here.
            Roles = RoleSet.Compile(options.Roles, options.SeparationOfDuties, static _ => { }),
            Vocabulary = PermissionVocabulary.Of(options),
        };
    }

    private List<Policy> CompilePolicies(string name, RouteOptions route, GatewayOptions options, ConfiguredRules rules, ConfigurationProblems problems)
    {
        var policies = new List<Policy>();
        foreach (var kind in kinds)
        {
            if (!route.Policies.ByKind.TryGetValue(kind.Name, out var value)) continue;
            foreach (var policy in kind.Compile(value, new RouteCompilation(name, kind.Name, route, options, state, problems, rules)))
            {
                policy.Kind = kind.Name;
                policies.Add(policy);
            }
        }

        // Deny by default: a route that asks who calls must also say who may.
        if (policies.Exists(policy => policy is AuthenticatePolicy) && !policies.Exists(policy => policy is AuthorizePolicy))
        {
            policies.Add(AuthorizePolicy.DenyAll);
            problems.Warning(
                $"routes.{name}.policies",
                "the route authenticates callers but names no permission, so every request to it is refused",
                "add authorize: { permissions: [resource:action] }, or authorize: authenticated to let in every caller with a valid credential");
        }

        // Behind everything else of its stage: it tells of those who were let through.
        if (route.DataClass is { } dataClass && DataClasses.Find(options, dataClass) is { Sensitive: true })
            policies.Add(new SensitiveAccessPolicy(dataClass, route.Purpose ?? string.Empty, name, state.SecurityEvents) { Kind = "dataClass" });
        return policies;
    }

    private ITerminal? CompileTerminal(string name, RouteOptions route, GatewayOptions options)
        => route.Redirect is { } redirect ? new RedirectTerminal(redirect) : ForwardTerminalCompiler.Compile(name, route, options, state);
}
