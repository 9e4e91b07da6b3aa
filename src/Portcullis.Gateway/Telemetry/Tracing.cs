using System.Diagnostics;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Telemetry;

/// <summary>
/// Spans by the OpenTelemetry semantic conventions for HTTP servers. Nothing here runs unless a tracer listens.
/// Attributes never hold query strings, credentials or bodies.
/// </summary>
internal static class Tracing
{
    /// <summary>The source's name, for tracers.</summary>
    public const string SourceName = "Portcullis.Gateway";

    private static readonly ActivitySource Source = new(SourceName);

    public static bool IsOn => Source.HasListeners();

    /// <summary>Begins the request's span; the trace goes on with the span as parent where it is made.</summary>
    public static void Start(Exchange exchange)
    {
        var trace = exchange.Trace;
        var continues = ActivityContext.TryParse(exchange.RequestHeaders.TraceParent, trace.TraceState, isRemote: true, out var parent)
            && trace.TraceId.SequenceEqual(parent.TraceId.ToHexString());
        if (!continues) parent = default;
        if (Source.StartActivity(exchange.Method, ActivityKind.Server, parent) is not { } activity) return;

        exchange.Activity = activity;
        exchange.Trace = trace.With(activity);
    }

    /// <summary>Ends the span with what became of the request.</summary>
    public static void Stop(Activity activity, Exchange exchange, int status)
    {
        if (exchange.Route is { } route)
        {
            activity.DisplayName = exchange.Method + " " + route.Name;
            activity.SetTag("http.route", route.Name);
        }

        activity.SetTag("http.request.method", exchange.Method);
        activity.SetTag("url.scheme", exchange.Scheme);
        activity.SetTag("url.path", exchange.Target.Path.ToString());
        activity.SetTag("server.address", exchange.Host.ToString());
        activity.SetTag("http.response.status_code", status);
        activity.SetTag("network.protocol.version", exchange.Protocol[5..]);
        activity.SetTag("portcullis.request_id", exchange.RequestId);
        if (exchange.Destination is { } destination) activity.SetTag("portcullis.destination", destination);
        if (exchange.Code is { } code) activity.SetTag("error.type", code.Code);
        if (status >= 500) activity.SetStatus(ActivityStatusCode.Error);
        activity.Stop();
    }
}
