using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Portcullis.Gateway.Buffers;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>The input of an HTTP/2 connection, passed through unchanged and uncopied while an <see cref="Http2FrameWatch"/> looks on.</summary>
internal sealed class WatchedInput(PipeReader inner, Http2FrameWatch watch, Func<bool> isWithinLimits) : PipeReader
{
    private static readonly ReadResult End = new(ReadOnlySequence<byte>.Empty, isCanceled: false, isCompleted: true);

    private ReadOnlySequence<byte> buffer;

    // Octets at the start of the next buffer that have been looked at already.
    private long scanned;
    private bool cut;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cut) return new(End);
        var reading = inner.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully ? new(Look(reading.Result)) : AwaitAsync(reading);
    }

    public override bool TryRead(out ReadResult result)
    {
        result = End;
        if (cut) return true;
        if (!inner.TryRead(out result)) return false;
        result = Look(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (cut) return;
        scanned -= buffer.Slice(buffer.Start, consumed).Length;
        buffer = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> AwaitAsync(ValueTask<ReadResult> reading) => Look(await reading);

    private ReadResult Look(in ReadResult result)
    {
        buffer = result.Buffer;
        var fresh = buffer.Slice(scanned);
        scanned = buffer.Length;
        watch.Scan(fresh);

        if (isWithinLimits()) return result;

        // Kestrel sees the end of the input, and nothing of what came last.
        cut = true;
        inner.AdvanceTo(buffer.End);
        buffer = default;
        return End;
    }
}
