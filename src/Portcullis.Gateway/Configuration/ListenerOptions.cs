using System.ComponentModel;
using Portcullis.Gateway.Connections.Addresses;

namespace Portcullis.Gateway.Configuration;

/// <summary>One address that the gateway listens on, and what it accepts there.</summary>
public sealed record ListenerOptions
{
    [Description("Address and port: 0.0.0.0:8443, [::1]:8443, or *:8443 for all addresses of both families.")]
    public required ListenAddress Address { get; init; }

    [Description("TLS settings; omitted: plain HTTP. An empty mapping serves a development certificate.")]
    public TlsOptions? Tls { get; init; }

    [Description("HTTP versions spoken: http1, http2.")]
    public IReadOnlyList<HttpVersionName> Protocols { get; init; } = [HttpVersionName.Http1, HttpVersionName.Http2];

    [Description("Address rules, checked when a connection is accepted.")]
    public FirewallOptions Firewall { get; init; } = new();

    [Description("CIDR blocks of the proxies in front whose X-Forwarded fields and PROXY headers are believed.")]
    public IReadOnlyList<Cidr> TrustedProxies { get; init; } = [];

    [Description("Whether trusted proxies begin a connection with a PROXY protocol header: none, optional or required. Optional only where trusted proxies speak HTTP themselves: one that merely relays lets its clients write the header.")]
    public ProxyProtocolMode ProxyProtocol { get; init; } = ProxyProtocolMode.None;

    [Description("Sizes, counts, times and rates.")]
    public ListenerLimits Limits { get; init; } = new();

    [Description("Strict-Transport-Security of every answer over https, refusals included, that gets none otherwise: max-age=31536000. The headers policy of a route goes before it.")]
    public string? StrictTransportSecurity { get; init; }

    [Description("What becomes of %2F in paths: refuse, or keep it as a part of its segment. %5C is always refused.")]
    public EncodedSlashes EncodedSlashes { get; init; } = EncodedSlashes.Refuse;
}
