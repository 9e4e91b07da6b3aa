using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// The output of an HTTP/2 connection, passed through unchanged; tells an <see cref="Http2FrameWatch"/> how much was sent. A broken connection
/// is the end of the output, as Kestrel expects: it waits for ever where sending throws.
/// </summary>
internal sealed class CountedOutput(PipeWriter inner, Http2FrameWatch watch) : PipeWriter
{
    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override void Advance(int bytes)
    {
        watch.CountSent(bytes);
        inner.Advance(bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var flushing = inner.FlushAsync(cancellationToken);
        return flushing.IsCompletedSuccessfully ? flushing : AwaitAsync(flushing, cancellationToken);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        watch.CountSent(source.Length);
        var writing = inner.WriteAsync(source, cancellationToken);
        return writing.IsCompletedSuccessfully ? writing : AwaitAsync(writing, cancellationToken);
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private static async ValueTask<FlushResult> AwaitAsync(ValueTask<FlushResult> flushing, CancellationToken cancellationToken)
    {
        try
        {
            return await flushing;
        }
        catch (Exception exception) when (BrokenConnection.Is(exception) && !cancellationToken.IsCancellationRequested)
        {
            return new FlushResult(isCanceled: false, isCompleted: true);
        }
    }
}
