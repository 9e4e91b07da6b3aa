using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Routing;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Turns an exchange into the request that goes upstream.</summary>
internal static class UpstreamRequestBuilder
{
    private static readonly StringValues Via10 = "1.0 portcullis";
    private static readonly StringValues Via11 = "1.1 portcullis";
    private static readonly StringValues Via20 = "2.0 portcullis";

    /// <summary>Fills in all but Host, which may depend on the destination. Refuses what can't be forwarded.</summary>
    public static Verdict Build(Exchange exchange, ClusterOptions cluster, ForwardState state)
    {
        var request = state.Request;
        var headers = exchange.RequestHeaders;

        // 1. Methods about the gateway itself, and TRACE, which shows to scripts what browsers hide (RFC 9110 §9.3.6, §9.3.8).
        var upgrade = WebSocketUpgrade.IsAsked(exchange) ? "websocket" : null;
        if (exchange.Target.Form == TargetForm.Asterisk || exchange.Method == "TRACE" || (exchange.Method == "CONNECT" && upgrade is null))
        {
            return Verdict.Refuse(RefusalCode.MethodNotImplemented);
        }

        // 2. Request line and body.
        request.Method = upgrade is null ? exchange.Method : "GET";
        request.Target = exchange.UpstreamPath is { } path ? string.Concat(path, exchange.Target.Query) : exchange.Target.Value;
        request.Upgrade = upgrade;
        request.AcceptsTrailers = ConnectionField.Names(headers.TE, "trailers");
        if (upgrade is null && exchange.HasRequestBody)
        {
            var trailers = exchange.Features.Get<IHttpRequestTrailersFeature>();
            request.Body = state.Body;

            // Of nothing that is yet to end (HTTP/2 alone has it) the upstream is to see the end, not the promise: something may follow.
            request.ContentLength = headers.ContentLength is 0 ? null : headers.ContentLength;
            Attach(exchange, cluster, state, trailers);
            request.ExpectContinue = headers.Expect.Count > 0 && exchange.HeldBody is null;
            if (request.ContentLength is null && trailers is not null) request.Trailers = RequestTrailers.Of(trailers, headers.Connection, exchange.Route);
        }
        else if (upgrade is null && headers.ContentLength is { } length)
        {
            // The session has refused content that ended before its stated length.
            request.ContentLength = length;
        }

        // 3. End-to-end fields, without those that only the gateway may write.
        var fields = request.Fields;
        var (forwardAuthorization, forwardApiKey) = (exchange.ForwardAuthorization, !exchange.DropsApiKey);
        if (headers is FieldTable own)
        {
            foreach (ref readonly var field in own.Fields)
            {
                if (RequestFields.MayPass(field, forwardAuthorization, forwardApiKey)) OwnCookieFields.AddFrom(fields, own, field);
            }
        }
        else
        {
            foreach (var (name, value) in headers)
            {
                if (RequestFields.MayPass(name, forwardAuthorization, forwardApiKey)) OwnCookieFields.AddText(fields, name, value);
            }
        }

        if (upgrade is not null) WebSocketUpgrade.AdaptRequest(exchange, cluster.Protocol, state);

        // 4. What the gateway says.
        AddOwnFields(exchange, fields);
        return Verdict.Continue;
    }

    /// <summary>
    /// Bounds how long the client is waited for. A stream to an HTTP/2 upstream may be silent as long as any other: gRPC clients
    /// are, before the first answer, and it takes a hundredth of a connection.
    /// </summary>
    private static void Attach(Exchange exchange, ClusterOptions cluster, ForwardState state, IHttpRequestTrailersFeature? trailers)
    {
        var isStream = cluster.Protocol == UpstreamProtocol.Http2 && state.Request.ContentLength is null;
        var rate = isStream ? 0 : exchange.Rules!.Options.Limits.MinimumBodyRate;
        state.Body.Attach(exchange.RequestBody, trailers, isStream ? cluster.IdleTimeout : cluster.BodyTimeout, rate, exchange.Aborted);
    }

    private static void AddOwnFields(Exchange exchange, FieldTable fields)
    {
        // RFC 9110 §7.6.3: a gateway must say so on requests. On responses it need not, and does not: it is nobody's business.
        var via = exchange.Protocol switch { "HTTP/2" => Via20, "HTTP/1.0" => Via10, _ => Via11 };
        fields.AddText("Via", exchange.RequestHeaders.TryGetValue("Via", out var before) ? StringValues.Concat(before, via) : via, FieldTraits.Known);
        fields.AddText("X-Request-Id", exchange.RequestId, FieldTraits.Known);
        if (exchange.Trace.TraceParent is { } traceParent)
        {
            fields.AddText("traceparent", traceParent, FieldTraits.Known);
            if (exchange.Trace.TraceState is { Length: > 0 } traceState) fields.AddText("tracestate", traceState, FieldTraits.Known);
        }

        // One address: whoever reads the first and whoever reads the last entry reads the same.
        fields.AddText("X-Forwarded-For", exchange.ClientAddress.ToString(), FieldTraits.Known);
        fields.AddText("X-Forwarded-Proto", exchange.Scheme, FieldTraits.Known);
        if (exchange.Authority.Length > 0) fields.AddText("X-Forwarded-Host", exchange.Authority, FieldTraits.Known);
        if (exchange is { UpstreamAuthorization: { } authorization, ForwardAuthorization: false }) fields.AddText(HeaderNames.Authorization, authorization, FieldTraits.Known | FieldTraits.Personal);
        if (exchange.Caller is not { IsAnonymous: false } caller) return;

        fields.AddText("Portcullis-Subject", FieldText.Encode(caller.Subject));
        if (caller.Issuer.Length > 0) fields.AddText("Portcullis-Issuer", FieldText.Encode(caller.Issuer));
        if (caller.Tenant.Length > 0) fields.AddText("Portcullis-Tenant", caller.Tenant);
        fields.AddText("Portcullis-Permissions", FieldText.Encode(caller.PermissionsHeader));
    }
}
