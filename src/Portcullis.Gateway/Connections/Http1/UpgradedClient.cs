using System.Net.Sockets;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>Both directions of a client's connection after 101 (Switching Protocols).</summary>
/// <param name="wire">The session's, which ends it.</param>
/// <param name="early">What the client sent right behind its request.</param>
internal sealed class UpgradedClient(Wire wire, ReadOnlyMemory<byte> early) : DuplexStream(early)
{
    protected override async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(static socket => ((LoopSocket)socket!).CancelReceive(), wire.Socket);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (!buffer.IsEmpty)
                {
                    // Nothing in what goes through says where it ends, so a cut must not look like one.
                    var length = await wire.ReceiveAsync(buffer);
                    return length > 0 || !wire.IsTruncated ? length : throw new IOException("The client's TLS connection ended without close_notify.");
                }

                await wire.WaitForInputAsync();
                return 0;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // By somebody who was not in time.
            }
            catch (SocketException e)
            {
                throw new IOException(e.Message, e);
            }
        }
    }

    protected override async ValueTask SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        try
        {
            await wire.SendAsync(octets, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }
}
