using System.Diagnostics;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Forwarding;
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

    private const int LongestPath = 1024;

    private static readonly ActivitySource Source = new(SourceName);

    public static bool IsOn => Source.HasListeners();

    /// <summary>Begins the request's span; the trace goes on with the span as parent where it is made.</summary>
    public static void Start(Exchange exchange)
    {
        var trace = exchange.Trace;
        var continues = ActivityContext.TryParse(exchange.RequestHeaders.TraceParent, trace.TraceState, isRemote: true, out var parent)
            && trace.TraceId.SequenceEqual(parent.TraceId.ToHexString());
        if (!continues)
        {
            parent = default;
        }
        else if (!exchange.IsFromTrustedProxy)
        {
            // A client may name the trace that it belongs to, but not decide how many of its requests are sampled.
            parent = new ActivityContext(parent.TraceId, parent.SpanId, ActivityTraceFlags.None, parent.TraceState, isRemote: true);
        }
        else if (!trace.IsSampled)
        {
            // The proxy in front has decided.
            return;
        }

        if (Source.StartActivity(Name(exchange.Method), ActivityKind.Server, parent) is not { } activity) return;

        // It is the exchange's, not the thread's: no execution context flows over the waits of a request.
        Activity.Current = null;
        exchange.Activity = activity;
        exchange.Trace = trace.With(activity);
    }

    /// <summary>Ends the span with what became of the request.</summary>
    public static void Stop(Activity activity, Exchange exchange, int status)
    {
        if (exchange.Route is { } route)
        {
            activity.DisplayName = $"{Name(exchange.Method)} {route.Name}";
            activity.SetTag("http.route", route.Name);
        }

        activity.SetTag("http.request.method", IsKnown(exchange.Method) ? exchange.Method : "_OTHER");
        activity.SetTag("url.scheme", exchange.Scheme);
        activity.SetTag("url.path", Truncate(exchange.Target.Path).ToString());
        activity.SetTag("server.address", exchange.Host.ToString());
        activity.SetTag("http.response.status_code", status);
        activity.SetTag("network.protocol.version", exchange.Protocol[5..]);
        activity.SetTag("portcullis.request_id", exchange.RequestId);
        if (exchange.Destination is { } destination) activity.SetTag("portcullis.destination", destination);
        if (exchange.Code is { } code)
        {
            activity.SetTag("error.type", code.Code);
            activity.SetTag("portcullis.source", code.Source.Word());
        }

        if (status >= 500) activity.SetStatus(ActivityStatusCode.Error);
        activity.Stop();
    }

    // Any token is a method; the names of spans are few.
    private static bool IsKnown(string method) => method is "GET" or "HEAD" or "POST" or "PUT" or "DELETE" or "CONNECT" or "OPTIONS" or "TRACE" or "PATCH";

    private static string Name(string method) => IsKnown(method) ? method : "HTTP";

    private static ReadOnlySpan<char> Truncate(ReadOnlySpan<char> text) => text.Length <= LongestPath ? text : text[..LongestPath];
}
