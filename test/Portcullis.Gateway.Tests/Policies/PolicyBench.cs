using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies;
using Portcullis.Gateway.Policies.RateLimit;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway.Tests.Policies;

/// <summary>Compiles policies as a configuration does and runs requests through them in the order of their stages.</summary>
internal sealed class PolicyBench
{
    private readonly ConfigurationProblems problems;

    public PolicyBench(ConfigurationProblems? problems = null)
    {
        this.problems = problems ?? new(SourceMap.BuiltIn);
        Clock = new ManualTimeProvider();
        Limits = new LimitStore(Clock, 1024);
    }

    public ManualTimeProvider Clock { get; }

    public LimitStore Limits { get; }

    public IReadOnlyList<ConfigurationProblem> Problems => problems.All;

    public IEnumerable<string> Errors => problems.All.Where(problem => problem.IsError).Select(problem => problem.Path);

    public IEnumerable<string> Warnings => problems.All.Where(problem => !problem.IsError).Select(problem => problem.Path);

    /// <summary>The options' policies on a route named <c>orders</c>.</summary>
    public IReadOnlyList<Policy> Compile(PolicyKind kind, object options, RouteOptions? route = null, string name = "orders")
    {
        var state = new DataPlaneState
        {
            Clock = Clock,
            Loggers = NullLoggerFactory.Instance,
            Limits = Limits,
            Metrics = null!,
            Keys = null!,
            Clients = null!,
            Clusters = null!,
            Tokens = null!,
        };
        route ??= new RouteOptions { Match = new RouteMatchOptions { Path = "/{**rest}" } };
        return [.. kind.Compile(options, new RouteCompilation(name, kind.Name, route, new GatewayOptions(), state, problems))];
    }

    /// <summary>A route with the options' policies, which must be valid, and a terminal that answers 200 with <paramref name="upstreamFields"/>.</summary>
    public CompiledRoute Route(PolicyKind kind, object options, params (string Name, string Value)[] upstreamFields)
    {
        var policies = Compile(kind, options);
        Assert.DoesNotContain(Problems, problem => problem.IsError);
        return Route(policies, upstreamFields);
    }

    public static CompiledRoute Route(IEnumerable<Policy> policies, params (string Name, string Value)[] upstreamFields)
        => new("orders", policies, new Upstream(upstreamFields), new RouteCounters("orders"));

    /// <summary>Runs the request; a refusal is written by the one writer of refusals.</summary>
    public static async Task<Exchange> Run(CompiledRoute route, Exchange exchange)
    {
        exchange.Route = route;
        var verdict = Verdict.Continue;
        for (var i = 0; verdict.IsContinue && i < route.RequestPolicies.Length; i++) verdict = await route.RequestPolicies[i].OnRequestAsync(exchange);
        if (verdict.IsContinue) verdict = await route.Terminal.InvokeAsync(exchange);
        if (verdict.IsRefusal)
        {
            exchange.Fail(verdict.Code, verdict.Cause);
            await RefusalWriter.WriteAsync(exchange, verdict.Code);
        }

        return exchange;
    }

    private sealed class Upstream((string Name, string Value)[] fields) : ITerminal
    {
        public ValueTask<Verdict> InvokeAsync(Exchange exchange)
        {
            foreach (var (name, value) in fields) exchange.ResponseHeaders.Append(name, value);
            return exchange.RespondAsync(200, "text/plain", "upstream"u8.ToArray());
        }
    }
}
