using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Forwarding.Tls;

namespace Portcullis.Gateway.Forwarding.Connecting;

/// <summary>
/// Makes an HTTP handler connect through <see cref="UpstreamConnector"/>, so that network rules hold for it too, and nowhere else: no
/// certificate makes it fetch another.
/// </summary>
internal static class GuardedConnections
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public static void Apply(SocketsHttpHandler handler, NetworkOptions network, TimeProvider clock)
    {
        handler.SslOptions.CertificateChainPolicy = UpstreamTls.ChainPolicy(authorities: null);
        var rules = new AddressRules(network);
        handler.ConnectCallback = async (context, cancellationToken) =>
        {
            var connector = new UpstreamConnector(context.DnsEndPoint.Host, context.DnsEndPoint.Port, rules, Timeout, clock);
            var result = await connector.ConnectAsync(cancellationToken);
            return result.Socket is { } socket ? new LoopStream(socket) : throw new HttpRequestException(result.Cause);
        };
    }
}
