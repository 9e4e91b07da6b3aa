using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Policies.Waf;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway.Pipeline;

/// <summary>
/// Answers, counts and records requests that the HTTP parser refuses before they become an exchange, so that they look like
/// every other refusal to clients and in the logs.
/// </summary>
internal sealed class RecordedRefusals(SnapshotHolder snapshots, GatewayMetrics metrics, DecisionLog decisions, TimeProvider clock) : IRefusals
{
    public RefusalReply Answer(IFeatureCollection request, int status, string cause, bool isHeadWhole)
    {
        var code = RefusalWriter.CodeFor(status);
        var requestId = Identifiers.NewRequestId();
        var body = (code with { Status = status }).Problem(requestId);
        var connection = request.Get<ClientConnection>();
        List<KeyValuePair<string, string>> fields = [new("X-Request-Id", requestId)];
        if (connection?.Rules.Options is { Tls: not null, StrictTransportSecurity: { } strict }) fields.Add(new("Strict-Transport-Security", strict));
        var waf = isHeadWhole ? Observe(request, requestId, fields) : null;
        var reply = new RefusalReply(body, fields);
        metrics.Unrouted.Complete(status, TimeSpan.Zero, TimeSpan.Zero, body.Length, code, wasShadowed: false);
        if (!decisions.IsEnabled) return reply;

        // Method, target and fields were not accepted, so nothing of them is recorded.
        decisions.Write(new DecisionRecord
        {
            Time = clock.GetUtcNow(),
            RequestId = requestId,
            TraceParent = TraceContext.Start(requestId).TraceParent,
            Listener = connection?.Rules.Listener ?? string.Empty,
            Route = null,
            Method = string.Empty,
            Host = default,
            Path = default,
            Protocol = string.Empty,
            Status = status,
            Code = code.Code,
            Source = code.Source,
            Step = "normalize",
            Cause = cause,
            Shadowed = null,
            Caller = null,
            Address = connection?.Client.Address ?? System.Net.IPAddress.None,
            Duration = TimeSpan.Zero,
            Upstream = TimeSpan.Zero,
            Destination = null,
            ResponseBytes = body.Length,
            Waf = waf,
        });
        return reply;
    }

    // What the rules of the firewall say of it, where the listener has any.
    private WafDecision? Observe(IFeatureCollection request, string requestId, List<KeyValuePair<string, string>> fields)
    {
        if (snapshots.Current is not { } snapshot || request.Get<ClientConnection>() is not { } connection) return null;
        if (snapshot.Observers.GetValueOrDefault(connection.Rules.Listener) is not { } observer) return null;
        var exchange = new Exchange();
        exchange.Begin(request);
        (exchange.RequestId, exchange.ClientAddress) = (requestId, connection.Client.Address);
        observer.Observe(exchange);
        if (exchange.Inspection?.Shown is { } shown) fields.Add(new(Inspection.RulesField, shown));
        var decision = exchange.Inspection?.Complete(exchange);
        exchange.End();
        return decision;
    }
}
