using Microsoft.AspNetCore.Connections.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Addresses;

namespace Portcullis.Gateway.Pipeline;

/// <summary>
/// Finds out whom a request comes from and whether they may send it. The rules are those that the listener has now, so that a denied
/// network or a proxy that is no longer trusted is cut off on connections that are open already.
/// </summary>
internal static class ClientAddress
{
    /// <summary>Sets the client's address and the scheme; refuses whom the listener's rules do not admit.</summary>
    public static Verdict Read(Exchange exchange, ClientConnection connection, ConnectionRules rules)
    {
        // 1. Whoever is at the other end of the connection: this decides about the connection, too.
        var sender = exchange.ClientAddress = connection.Client.Address;
        if (!MaySend(connection, rules))
        {
            exchange.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            return Blocked();
        }

        // 2. A trusted proxy sends requests of others, who are held to the rules in its place.
        if (!connection.IsClientKnown || !rules.TrustedProxies.Contains(sender)) return Verdict.Continue;

        exchange.IsFromTrustedProxy = true;

        // X-Forwarded-Host is not taken for routing: proxies that add to the other two pass that one on as the client sent it.
        var forwarded = ForwardedFor.Read(sender, rules.TrustedProxies, exchange.RequestHeaders);
        exchange.ClientAddress = forwarded.Client;
        exchange.Scheme = forwarded.Scheme ?? exchange.Scheme;
        return forwarded.IsOfProxy || rules.Firewall.Admits(forwarded.Client) ? Verdict.Continue : Blocked();
    }

    private static bool MaySend(ClientConnection connection, ConnectionRules rules)
    {
        var sender = connection.Client.Address;
        if (!connection.HasProxyHeader) return rules.Options.ProxyProtocol != ProxyProtocolMode.Required && rules.Admits(sender);

        // What a PROXY header says is worth as much as the proxy that wrote it.
        return rules.TrustedProxies.Contains(connection.Peer.Address) && (connection.IsClientKnown ? rules.Admits(sender) : rules.Firewall.Admits(sender));
    }

    private static Verdict Blocked() => Verdict.Refuse(RefusalCode.AddressBlocked, "the listener's address rules");
}
