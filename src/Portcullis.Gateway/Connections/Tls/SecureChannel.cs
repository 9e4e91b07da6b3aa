using System.Security.Cryptography.X509Certificates;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>A connection's octets through TLS, after the handshake. One at a time may receive and one may send. Does not own the socket.</summary>
internal abstract class SecureChannel : IDisposable
{
    /// <summary>What was agreed on.</summary>
    public abstract TlsFacts Facts { get; }

    /// <summary>The certificate that the client showed and that was found good.</summary>
    public abstract X509Certificate2? ClientCertificate { get; }

    /// <summary>Whether the end of the stream came without the peer's close_notify: somebody may have cut it (RFC 8446 §6.1).</summary>
    public abstract bool IsTruncated { get; }

    /// <summary>Receives what is there, or waits for it. 0 at the end of the stream.</summary>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> into);

    /// <summary>Waits without holding memory until there is something to receive. May return early; the number says nothing.</summary>
    public abstract ValueTask<int> WaitForInputAsync();

    /// <summary>Sends all.</summary>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken);

    /// <summary>Sends close_notify.</summary>
    public abstract ValueTask EndSendingAsync();

    /// <summary>Frees what it holds. From any thread, once the socket is closed.</summary>
    public abstract void Dispose();
}
