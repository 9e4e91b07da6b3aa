using System.Net;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// Who is at the other end of a connection. Every request finds it in its features:
/// <c>features.Get&lt;ClientConnection&gt;()</c>. Immutable; one instance a connection.
/// </summary>
public sealed class ClientConnection
{
    internal ClientConnection(ConnectionRules rules, IPEndPoint peer, bool peerIsTrusted, IPEndPoint? claimed)
    {
        Rules = rules;
        Peer = peer;
        PeerIsTrusted = peerIsTrusted;
        Client = claimed ?? peer;
        HasProxyHeader = claimed is not null;
        BelievesForwardedFields = claimed is null ? peerIsTrusted : rules.TrustedProxies.Contains(claimed.Address);
    }

    /// <summary>The rules that the connection was accepted under.</summary>
    public ConnectionRules Rules { get; }

    /// <summary>The other end of the TCP connection, IPv4-mapped addresses in IPv4 form.</summary>
    public IPEndPoint Peer { get; }

    /// <summary>Whether <see cref="Peer"/> is one of the listener's trusted proxies.</summary>
    public bool PeerIsTrusted { get; }

    /// <summary>The client as far as the connection tells: the source in a trusted proxy's PROXY header, else <see cref="Peer"/>.</summary>
    public IPEndPoint Client { get; }

    /// <summary>Whether <see cref="Client"/> comes from a PROXY header.</summary>
    public bool HasProxyHeader { get; }

    /// <summary>Whether <c>X-Forwarded-*</c> fields on this connection may be believed: <see cref="Client"/> is a trusted proxy.</summary>
    public bool BelievesForwardedFields { get; }
}
