using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Portcullis.Gateway.Buffers;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// The input of an HTTP/1.1 connection that tells of its end only once all octets before it have been looked at. Kestrel takes a body that
/// comes together with the end for one that was cut short, although it is all there.
/// </summary>
internal sealed class HalfClosedInput(PipeReader inner) : PipeReader
{
    // The last octets of the connection, while they are with the reader.
    private ReadOnlySequence<byte> last;
    private bool lastExamined;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var reading = inner.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully ? new(Present(reading.Result)) : AwaitAsync(reading);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result)) return false;
        result = Present(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!last.IsEmpty)
        {
            // Whoever has seen everything and reads on has to know that there is no more.
            lastExamined = last.Slice(examined).IsEmpty;
            last = default;
        }

        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> AwaitAsync(ValueTask<ReadResult> reading) => Present(await reading);

    private ReadResult Present(in ReadResult result)
    {
        if (!result.IsCompleted || result.Buffer.IsEmpty) return result;
        last = result.Buffer;
        return lastExamined ? result : new ReadResult(result.Buffer, result.IsCanceled, isCompleted: false);
    }
}
