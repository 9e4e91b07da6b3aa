using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Tls.OpenSsl;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>Shakes hands with clients, with the certificates of one moment. Immutable and thread safe.</summary>
internal abstract class TlsAcceptor
{
    /// <summary>On Linux OpenSSL itself; where that is not to be had, as on developers' machines, what .NET makes of the system's library.</summary>
    public static TlsAcceptor Create(IReadOnlyList<ServerCertificate> certificates, ListenerOptions options, X509Certificate2Collection? clientAuthorities)
        => OpenSslLibrary.IsUsable ? new OpenSslAcceptor(certificates, options, clientAuthorities) : new FrameworkAcceptor(certificates, options, clientAuthorities);

    /// <summary>Shakes hands.</summary>
    /// <param name="socket">Stays the caller's.</param>
    /// <param name="early">What was received before.</param>
    /// <param name="keys">For session tickets.</param>
    /// <param name="logger">Where failures are told.</param>
    /// <param name="cancellationToken">The end of patience.</param>
    /// <returns>Null where the handshake failed.</returns>
    /// <exception cref="Exception">One that <see cref="BrokenConnection"/> knows: the connection is broken, or patience at its end.</exception>
    public abstract ValueTask<SecureChannel?> AcceptAsync(LoopSocket socket, ReadOnlyMemory<byte> early, TicketKeys keys, ILogger logger, CancellationToken cancellationToken);
}
