using System.Collections.Frozen;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Policies.Authenticate;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Which of the client's fields go on to the upstream.</summary>
internal static class RequestFields
{
    // Framing and Host are written by the transports, the others by the gateway or not at all.
    private static readonly FrozenSet<string> Dropped = new[]
    {
        "Host", "Content-Length", "Trailer", "Via", "Forwarded", "X-Real-IP", "X-Request-Id", "traceparent", "tracestate",

        // Who the client is, as proxies of many makes tell their upstreams (RFC 9440 §4 demands it of the first).
        "Client-Cert", "Client-Cert-Chain", "X-Client-Cert", "X-Client-DN", "X-Client-Verify", "X-ARR-ClientCert",
        "Client-IP", "X-Client-IP", "X-Cluster-Client-IP", "X-Originating-IP", "X-Remote-IP", "X-Remote-Addr", "True-Client-IP", "CF-Connecting-IP",
        "CF-Connecting-IPv6", "Fastly-Client-IP", "X-Azure-ClientIP", "X-Azure-SocketIP", "X-Appengine-User-IP", "X-Envoy-External-Address",
        "X-Remote-User", "Remote-User", "X-Authenticated-User",

        // CGI makes it HTTP_PROXY, which many programs take for the proxy that they are to use (CVE-2016-5385).
        "Proxy",

        // What was asked for: upstreams that believe these serve another path than the one that was authorised.
        "X-Original-URL", "X-Original-URI", "X-Original-Host", "X-Original-Method", "X-Rewrite-URL", "X-Host", "X-Envoy-Original-Path",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // Configurations of Apache, HAProxy and nginx, and its ingress controller, tell of client certificates in many fields that begin so.
    private const string CertificatePrefix = "X-SSL-";
    private const string IngressCertificatePrefix = "SSL-Client-";

    /// <summary>Whether upstreams are told this by proxies, so that they might believe a client who says it.</summary>
    public static bool IsProxys(string name)
        => Dropped.Contains(name)
        || name.StartsWith(CertificatePrefix, StringComparison.OrdinalIgnoreCase)
        || name.StartsWith(IngressCertificatePrefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The same for a field of which more may be known.</summary>
    public static bool MayPass(in FieldTable.Field field, bool forwardAuthorization, bool forwardApiKey)
    {
        if ((field.Traits & FieldTraits.Known) == FieldTraits.None) return MayPass(field.Name, forwardAuthorization, forwardApiKey);
        return (field.Traits & FieldTraits.NotForUpstream) == FieldTraits.None
            && (forwardAuthorization || !ReferenceEquals(field.Name, HeaderNames.Authorization))
            && (forwardApiKey || !ReferenceEquals(field.Name, ApiKeyMethod.Field));
    }

    /// <summary>
    /// Whether the client may say this to an upstream. Fields that only the gateway writes are refused in every spelling that an upstream
    /// may take for theirs.
    /// </summary>
    public static bool MayPass(string name, bool forwardAuthorization, bool forwardApiKey)
    {
        name = VariableName.Of(name);
        return !IsProxys(name)
            && !EndToEnd.IsHopByHop(name)
            && !ConnectionField.IsOurs(name)
            && (forwardAuthorization || !name.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
            && (forwardApiKey || !name.Equals(ApiKeyMethod.Field, StringComparison.OrdinalIgnoreCase));
    }
}
