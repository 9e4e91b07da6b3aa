using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>Shakes hands as a server with OpenSSL itself, on the event loop of the connection.</summary>
internal sealed class OpenSslAcceptor : TlsAcceptor
{
    private readonly ServerNames<OpenSslContext> contexts;
    private readonly bool isLong;

    public OpenSslAcceptor(IReadOnlyList<ServerCertificate> certificates, ListenerOptions options, X509Certificate2Collection? clientAuthorities)
    {
        contexts = new ServerNames<OpenSslContext>(certificates, certificate => new OpenSslContext(certificate, options, clientAuthorities));
        Protocols = new ApplicationProtocols(options);
        ClientTrust = clientAuthorities is null ? null : new ClientTrust(clientAuthorities);

        // A chain takes .NET milliseconds to build, and so does a signature by a large key.
        isLong = clientAuthorities is not null || certificates.Any(certificate => certificate.SignsSlowly);
    }

    public ApplicationProtocols Protocols { get; }

    /// <summary>Who judges clients' certificates; null where none are asked for.</summary>
    public ClientTrust? ClientTrust { get; }

    /// <summary>The certificate of clients that name no known host.</summary>
    public OpenSslContext Default => contexts.Default;

    /// <summary>The certificate for a name.</summary>
    public OpenSslContext Select(string serverName) => contexts.Select(serverName);

    public override async ValueTask<SecureChannel?> AcceptAsync(LoopSocket socket, ReadOnlyMemory<byte> early, TicketKeys keys, ILogger logger, CancellationToken cancellationToken)
    {
        // Who says nothing costs nothing but the socket.
        if (early.IsEmpty) await socket.WaitForInputAsync(cancellationToken);
        OpenSslConnection? connection = null;
        SecureChannel? opened = null;
        try
        {
            while (opened is null)
            {
                if (isLong) await PoolTurn.TakeAsync();
                else await LoopTurn.TakeAsync();
                cancellationToken.ThrowIfCancellationRequested();
                connection ??= new OpenSslConnection(socket, this, keys, early);
                switch (connection.ShakeHands(out var problem))
                {
                    case HandshakeStep.Done:
                        opened = new OpenSslChannel(socket, connection);
                        break;
                    case HandshakeStep.NeedsInput:
                        await socket.WaitForInputAsync(cancellationToken);
                        break;
                    case HandshakeStep.NeedsRoom:
                        await socket.WaitToSendAsync(cancellationToken);
                        break;
                    default:
                        ConnectionLog.HandshakeFailed(logger, problem);
                        return null;
                }
            }

            return opened;
        }
        finally
        {
            if (opened is null) connection?.Dispose();
        }
    }
}
