using System.Net;
using Portcullis.Gateway.Connections.Addresses;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// Who is at the other end of a connection. Every request finds it in its features:
/// <c>features.Get&lt;ClientConnection&gt;()</c>. Immutable; one instance a connection.
/// </summary>
public sealed class ClientConnection
{
    internal ClientConnection(ConnectionRules rules, IPEndPoint peer, ProxyProtocolHeader? proxyHeader = null)
    {
        Rules = rules;
        Peer = peer;
        Client = proxyHeader?.Source ?? peer;
        HasProxyHeader = proxyHeader is not null;
        IsClientKnown = proxyHeader is not { Source: null };
    }

    /// <summary>The rules that the connection was accepted under. Requests are judged by those that its listener has by then.</summary>
    public ConnectionRules Rules { get; }

    /// <summary>The other end of the TCP connection, IPv4-mapped addresses in IPv4 form.</summary>
    public IPEndPoint Peer { get; }

    /// <summary>The client as far as the connection tells: the source in a trusted proxy's PROXY header, else <see cref="Peer"/>.</summary>
    public IPEndPoint Client { get; }

    /// <summary>Whether the connection began with a PROXY header, so that HTTP comes from somebody whom <see cref="Peer"/> relays.</summary>
    public bool HasProxyHeader { get; }

    /// <summary>False where the PROXY header names nobody (<c>UNKNOWN</c>, <c>LOCAL</c>): whoever is relayed is not believed about themselves.</summary>
    public bool IsClientKnown { get; }
}
