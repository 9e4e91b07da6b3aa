using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>A connection as Kestrel takes it, over a stream of an event loop: what Kestrel flushes is sent there and then.</summary>
internal sealed class LaneConnection : ConnectionContext
{
    private readonly Stream stream;
    private readonly LoopSocket socket;
    private readonly CancellationTokenSource closed = new();

    public LaneConnection(Stream stream, LoopSocket socket, ClientConnection client, ConnectionFeatures facts, Admission admission)
    {
        this.stream = stream;
        this.socket = socket;
        Features = new FeatureCollection(8);
        Features.Set(client);
        Features.Set(admission);
        Features.Set<IMemoryPoolFeature>(new ConnectionMemory(BlockPool.Large));
        if (facts.IsTls)
        {
            Features.Set<ITlsConnectionFeature>(facts);
            Features.Set<ITlsHandshakeFeature>(facts);
            Features.Set<ITlsApplicationProtocolFeature>(facts);
        }

        LocalEndPoint = facts.Local;
        RemoteEndPoint = facts.Remote;
        ConnectionClosed = closed.Token;
        Transport = new WrappedTransport(
            PipeReader.Create(stream, new StreamPipeReaderOptions(BlockPool.Large, BlockPool.Large.MaxBufferSize, leaveOpen: true, useZeroByteReads: true)),
            PipeWriter.Create(stream, new StreamPipeWriterOptions(BlockPool.Large, BlockPool.Large.MaxBufferSize, leaveOpen: true)));
    }

    public override string ConnectionId { get; set; } = Guid.CreateVersion7().ToString();

    public override IFeatureCollection Features { get; }

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    public override IDuplexPipe Transport { get; set; }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        socket.Reset();
        ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.TellClosed(), this, preferLocal: false);
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await Transport.Input.CompleteAsync();
            await Transport.Output.CompleteAsync();
        }
        catch (Exception exception) when (BrokenConnection.Is(exception))
        {
            // What was still to be sent goes nowhere.
        }

        await stream.DisposeAsync();
        closed.Dispose();
        await base.DisposeAsync();
    }

    private void TellClosed()
    {
        try
        {
            closed.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has been disposed meanwhile.
        }
    }
}
