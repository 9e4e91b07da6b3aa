using System.Collections.Frozen;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Policies.Authorize;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// Turns options into a snapshot, or reports everything that is wrong with them. <c>check</c>, <c>serve</c> and reloads all
/// come through here. Changes nothing outside: what it makes takes effect when the snapshot is published.
/// </summary>
public sealed class ConfigurationCompiler(IReadOnlyList<PolicyKind> kinds, DataPlaneState state)
{
    /// <summary>Compiles, or returns null after reporting errors to <paramref name="problems"/>.</summary>
    public GatewaySnapshot? Compile(GatewayOptions options, ConfigurationProblems problems, long version)
    {
        var compiled = new List<(RouteOptions Options, RouteMatch Match, CompiledRoute Route)>();
        foreach (var (name, route) in options.Routes)
        {
            var match = RouteMatchCompiler.Compile(name, route.Match, problems);
            var policies = CompilePolicies(name, route, options, problems);
            var terminal = CompileTerminal(name, route, options);
            if (match is null || terminal is null) continue;

            compiled.Add((route, match, new CompiledRoute(name, policies, terminal, state.Metrics.Route(name))));
        }

        var builtIn = BuiltInRoutes.Create(options, state);
        var tables = new Dictionary<string, RouteTable<CompiledRoute>>(StringComparer.Ordinal);
        foreach (var listener in options.Listeners.Keys)
        {
            var routes = compiled.Where(entry => entry.Options.Match.Listeners is [] || entry.Options.Match.Listeners.Contains(listener))
                .Select(entry => (entry.Match, entry.Route))
                .Concat(builtIn);
            if (BuildTable(routes, problems) is { } table) tables[listener] = table;
        }

        if (problems.HasErrors) return null;
        return new GatewaySnapshot
        {
            Version = version,
            Options = options,
            Routes = tables.ToFrozenDictionary(StringComparer.Ordinal),
        };
    }

    private List<Policy> CompilePolicies(string name, RouteOptions route, GatewayOptions options, ConfigurationProblems problems)
    {
        var policies = new List<Policy>();
        foreach (var kind in kinds)
        {
            if (!route.Policies.ByKind.TryGetValue(kind.Name, out var value)) continue;
            policies.AddRange(kind.Compile(value, new RouteCompilation(name, kind.Name, route, options, state, problems)));
        }

        // Deny by default: a route that asks who calls must also say who may.
        if (policies.Exists(policy => policy is TokenPolicy) && !policies.Exists(policy => policy is AuthorizePolicy))
        {
            policies.Add(AuthorizePolicy.DenyAll);
            problems.Warning(
                $"routes.{name}.policies",
                "the route authenticates callers but names no permission, so every request to it is refused",
                "add authorize: { permissions: [resource:action] }, or authorize: authenticated to let in every caller with a valid token");
        }

        return policies;
    }

    private ITerminal? CompileTerminal(string name, RouteOptions route, GatewayOptions options)
        => route.Redirect is { } redirect ? new RedirectTerminal(redirect) : Forwarding.ForwardTerminalCompiler.Compile(name, route, options, state);

    private static RouteTable<CompiledRoute>? BuildTable(IEnumerable<(RouteMatch Match, CompiledRoute Route)> routes, ConfigurationProblems problems)
    {
        return null;
    }
}
