using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Telemetry;

namespace Portcullis.Gateway.Pipeline;

/// <summary>Closes the record of a request: counters, decision log, trace. Never throws, never blocks.</summary>
internal sealed class RequestRecorder(GatewayMetrics metrics, DecisionLog decisions, TimeProvider clock)
{
    public void Begin(Exchange exchange)
    {
        exchange.StartedAt = clock.GetTimestamp();
        metrics.RequestBegan();
    }

    public void Complete(Exchange exchange)
    {
        metrics.RequestEnded();
        var waf = exchange.Inspection?.Complete(exchange);
        var duration = clock.GetElapsedTime(exchange.StartedAt);
        var upstream = TimeSpan.FromTicks(exchange.UpstreamTicks);
        var status = exchange.Code?.Status is 499 ? 499 : exchange.StatusCode;
        var counters = exchange.Route?.Counters ?? metrics.Unrouted;
        counters.Complete(status, duration, upstream, exchange.ResponseBytes, exchange.Code, exchange.Shadowed is not null);
        if (exchange.Activity is { } activity) Tracing.Stop(activity, exchange, status);
        if (!decisions.IsEnabled) return;

        decisions.Write(new DecisionRecord
        {
            Time = clock.GetUtcNow(),
            RequestId = exchange.RequestId,
            TraceParent = exchange.Trace.TraceParent,
            Listener = exchange.ListenerName,
            Route = exchange.Route?.Name,
            Method = exchange.Method,
            Host = exchange.Host,
            Path = exchange.Target.PathMemory,
            Protocol = exchange.Protocol,
            Status = status,
            Code = exchange.Code?.Code,
            Source = exchange.Code?.Source,
            Step = exchange.Step,
            Cause = exchange.Cause,
            Shadowed = exchange.Shadowed,
            Caller = exchange.Caller?.Label,
            AuthenticatedBy = AuthenticationMethodNames.Of(exchange.AuthenticatedBy),
            KeyId = exchange.Caller?.KeyId,
            Tenant = exchange.Caller?.Tenant,
            DataClass = exchange.Route?.DataClass,
            Purpose = exchange.Route?.Purpose,
            Address = exchange.ClientAddress,
            Duration = duration,
            Upstream = upstream,
            Destination = exchange.Destination,
            ResponseBytes = exchange.ResponseBytes,
            Waf = waf,
        });
    }
}
