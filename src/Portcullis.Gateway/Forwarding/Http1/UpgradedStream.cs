using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>Both directions of an upstream connection after 101 (Switching Protocols).</summary>
/// <param name="connection">Ended with the stream.</param>
/// <param name="early">What the upstream sent right behind its 101.</param>
internal sealed class UpgradedStream(Http1Connection connection, ReadOnlyMemory<byte> early) : DuplexStream(early)
{
    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    protected override async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.ReceiveAsync(buffer, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    protected override async ValueTask SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        try
        {
            await connection.SendAsync(octets, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        connection.End(EndReason.Done);
        base.Dispose(disposing);
    }
}
