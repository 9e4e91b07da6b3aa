using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>A TLS connection after its handshake: waits for its socket where OpenSSL can't go on.</summary>
internal sealed class OpenSslChannel(LoopSocket socket, OpenSslConnection connection) : SecureChannel
{
    public override TlsFacts Facts { get; } = connection.ReadFacts();

    public override X509Certificate2? ClientCertificate => connection.ClientCertificate;

    public override bool IsTruncated => connection.IsTruncated;

    public override ValueTask<int> ReceiveAsync(Memory<byte> into)
    {
        if (connection.MayHaveInput)
        {
            var length = connection.TryReceive(into.Span);
            if (length >= 0) return new(length);
        }

        connection.Flush();
        return WaitAndReceiveAsync(into);
    }

    public override ValueTask<int> WaitForInputAsync()
    {
        if (connection.MayHaveInput) return default;
        connection.Flush();
        return socket.WaitForNewsAsync();
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        while (!octets.IsEmpty)
        {
            var sent = connection.TrySend(octets.Span);
            if (sent < 0) return WaitAndSendAsync(octets, cancellationToken);
            octets = octets[sent..];
        }

        return default;
    }

    public override async ValueTask EndSendingAsync()
    {
        while (!connection.TryEndSending()) await socket.WaitToSendAsync(CancellationToken.None);
    }

    public override void Dispose() => connection.Dispose();

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAndReceiveAsync(Memory<byte> into)
    {
        while (true)
        {
            if (connection.IsYielding) await PoolTurn.TakeAsync();
            else await socket.WaitForNewsAsync();
            var length = connection.TryReceive(into.Span);
            if (length >= 0) return length;
        }
    }

    private async ValueTask WaitAndSendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        await socket.WaitToSendAsync(cancellationToken);
        while (!octets.IsEmpty)
        {
            // Only where there was no room is it told that there is some again.
            var sent = connection.TrySend(octets.Span);
            if (sent < 0) await socket.WaitToSendAsync(cancellationToken);
            else octets = octets[sent..];
        }
    }
}
