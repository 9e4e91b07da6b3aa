using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding.Connecting;
using Portcullis.Gateway.Forwarding.Tls;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Where a destination is and how it is connected to: all that a transport needs to know. Immutable, thread safe.</summary>
internal sealed class UpstreamEndpoint
{
    public UpstreamEndpoint(Uri url, ClusterOptions cluster, UpstreamTls tls, TimeProvider clock, IHostResolver? resolver = null)
    {
        Url = url;
        IsTls = url.Scheme == Uri.UriSchemeHttps;
        Protocol = cluster.Protocol;
        Connections = cluster.Connections;
        Tls = tls;
        Clock = clock;
        Connector = new UpstreamConnector(url.IdnHost, url.Port, new AddressRules(cluster.Network), cluster.Connections.ConnectTimeout, clock, resolver);
        Authority = url.Authority;
        Key = string.Join(
            '\n',
            url.GetLeftPart(UriPartial.Authority),
            cluster.Protocol,
            cluster.Connections,
            tls.Fingerprint,
            string.Join(',', cluster.Network.Allow),
            string.Join(',', cluster.Network.Deny));
    }

    public Uri Url { get; }

    public bool IsTls { get; }

    public UpstreamProtocol Protocol { get; }

    public ConnectionOptions Connections { get; }

    public UpstreamTls Tls { get; }

    public TimeProvider Clock { get; }

    /// <summary>Opens TCP connections to this destination, and to nothing else.</summary>
    public UpstreamConnector Connector { get; }

    /// <summary>Host and, where not the scheme's own, port.</summary>
    public string Authority { get; }

    /// <summary>Equal exactly when a pool made for one endpoint serves the other.</summary>
    public string Key { get; }
}
