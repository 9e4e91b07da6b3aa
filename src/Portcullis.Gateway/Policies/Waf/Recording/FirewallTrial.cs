using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Routing;
using Portcullis.Waf;

namespace Portcullis.Gateway.Policies.Waf.Recording;

/// <summary>Puts requests before the rules of a configuration as the data plane would, without listening, forwarding or remembering anything.</summary>
public sealed class FirewallTrial : IAsyncDisposable
{
    private readonly DataPlaneState state;
    private readonly GatewaySnapshot snapshot;
    private readonly RuleSet? rules;

    private FirewallTrial(DataPlaneState state, GatewaySnapshot snapshot, RuleSet? rules)
    {
        this.state = state;
        this.snapshot = snapshot;
        this.rules = rules;
    }

    /// <summary>Compiles a configuration; null where it has errors, which are then in <see cref="LoadResult.Problems"/>.</summary>
    public static async Task<FirewallTrial?> OpenAsync(LoadResult loaded)
    {
        // Everything is shown: whoever runs this has the request already.
        var options = loaded.Bound with { Telemetry = loaded.Bound.Telemetry with { ExposeWafRules = true } };
        var state = DataPlaneState.ForChecks();
        if (new ConfigurationCompiler(PolicyKinds.All, state).Compile(options, loaded.Problems, version: 1) is { } snapshot)
            return new FirewallTrial(state, snapshot, state.Rules.Load(options.Waf).RuleSet);
        await state.DisposeAsync();
        return null;
    }

    public ValueTask DisposeAsync() => state.DisposeAsync();

    /// <summary>Whether an exclusion means something to the rules.</summary>
    public bool IsExclusion(string rule, string? target)
    {
        rules!.Prepare(new InspectionOptions { Exclusions = [new RuleExclusion(rule, target)] }, out var errors);
        return errors.Count == 0;
    }

    /// <summary>What becomes of the request.</summary>
    public async ValueTask<TrialOutcome> RunAsync(RecordedRequest request)
    {
        var listeners = snapshot.Routes.Keys.Where(name => request.Listener.Length == 0 || request.Listener == name).Order(StringComparer.Ordinal).ToList();
        TrialOutcome? outcome = null;
        foreach (var listener in listeners.Count > 0 ? listeners : [.. snapshot.Routes.Keys])
        {
            outcome = await RunAsync(request, listener);
            if (outcome.Route is not null) return outcome;
        }

        return outcome ?? new TrialOutcome(null, RefusalCode.RouteNotFound.Code, RefusalCode.RouteNotFound.Status, "there are no listeners", null, null);
    }

    private async ValueTask<TrialOutcome> RunAsync(RecordedRequest request, string listener)
    {
        var exchange = new Exchange();
        exchange.Begin(Features(request));
        exchange.Snapshot = snapshot;
        exchange.ListenerName = listener;
        exchange.Rules = snapshot.Rules[listener];
        exchange.RequestId = request.RequestId.Length > 0 ? request.RequestId : Telemetry.Identifiers.NewRequestId();
        exchange.ClientAddress = IPAddress.TryParse(request.Address, out var address) ? address : IPAddress.Loopback;
        try
        {
            var verdict = Read(exchange);
            if (verdict.IsContinue) verdict = await InspectAsync(exchange);
            if (verdict.IsRefusal) exchange.Fail(verdict.Code, verdict.Cause);
            return new TrialOutcome(exchange.Route?.Name, exchange.Code?.Code, exchange.Code?.Status ?? 0, exchange.Cause, exchange.Shadowed, exchange.Inspection?.Complete(exchange));
        }
        finally
        {
            exchange.End();
        }
    }

    private static Verdict Read(Exchange exchange)
    {
        var headers = exchange.RequestHeaders;
        if (RequestHeaderRules.Check(headers, exchange.Protocol) is { } defect) return Verdict.Refuse(RefusalWriter.CodeFor(defect.Status), defect.Cause);
        ConnectionField.RemoveNamedFields(headers);
        var verdict = TargetReading.Read(exchange, exchange.Rules!.Options.EncodedSlashes);
        if (!verdict.IsContinue) return verdict;

        var found = exchange.Snapshot.Routes[exchange.ListenerName].Find(exchange.Host, exchange.Target, exchange.Method, new HeaderFields(headers));
        if (found.Kind != RouteResultKind.Found) return Verdict.Refuse(RefusalCode.RouteNotFound);
        exchange.Route = found.Value;
        return Verdict.Continue;
    }

    private static async ValueTask<Verdict> InspectAsync(Exchange exchange)
    {
        foreach (var policy in exchange.Route!.RequestPolicies.ToArray())
        {
            if (policy is not (WafHeadPolicy or WafBodyPolicy)) continue;
            var verdict = await policy.OnRequestAsync(exchange);
            if (!verdict.IsContinue) return verdict;
        }

        return Verdict.Continue;
    }

    private static FeatureCollection Features(RecordedRequest request)
    {
        var fields = new FieldTable();
        foreach (var (name, value) in request.Fields)
        {
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)) fields.AddLine(name, value, FieldTraits.None);
        }

        var body = new Body(request.Body);
        if (request.Body.Length > 0) fields.ContentLength = request.Body.Length;
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = request.Method,
            Protocol = request.Protocol,
            Scheme = request.Scheme,
            RawTarget = request.Target,
            Headers = fields,
        });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        features.Set<IRequestBodyPipeFeature>(body);
        features.Set<IHttpRequestBodyDetectionFeature>(body);
        return features;
    }

    private sealed class Body(byte[] octets) : IRequestBodyPipeFeature, IHttpRequestBodyDetectionFeature
    {
        public PipeReader Reader { get; } = PipeReader.Create(new ReadOnlySequence<byte>(octets));

        public bool CanHaveBody => octets.Length > 0;
    }
}
