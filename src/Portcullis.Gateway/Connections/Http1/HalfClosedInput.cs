using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Portcullis.Gateway.Buffers;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// The input of an HTTP/1.1 connection that tells of its end only once all octets before it have been looked at. Kestrel takes a body that
/// comes together with the end for one that was cut short, although it is all there. Holds the first request line against
/// <see cref="RequestLineRules"/>, too.
/// </summary>
/// <remarks>
/// Only the first: where the next request begins is known to nobody but Kestrel. A line that is refused is replaced by one that Kestrel
/// refuses, so that the answer and the record are the usual ones.
/// </remarks>
internal sealed class HalfClosedInput(PipeReader inner) : PipeReader
{
    private static readonly ReadOnlySequence<byte> RefusedLine = new("\0 \0\r\n"u8.ToArray());

    // The last octets of the connection, while they are with the reader.
    private ReadOnlySequence<byte> last;
    private bool lastExamined;

    private bool lineIsChecked;
    private ReadOnlySequence<byte>? refused;

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
        if (refused is { } octets)
        {
            inner.AdvanceTo(octets.End);
            return;
        }

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
        // What is refused once stays refused: whatever else comes is thrown away.
        if (refused is not null || (!lineIsChecked && !IsLineAcceptable(result.Buffer)))
        {
            refused = result.Buffer;
            return result.Buffer.IsEmpty ? result : new ReadResult(RefusedLine, result.IsCanceled, isCompleted: false);
        }

        if (!result.IsCompleted || result.Buffer.IsEmpty) return result;
        last = result.Buffer;
        return lastExamined ? result : new ReadResult(result.Buffer, result.IsCanceled, isCompleted: false);
    }

    private bool IsLineAcceptable(in ReadOnlySequence<byte> octets)
    {
        if (octets.IsEmpty || RequestLineRules.IsAcceptable(octets) is not { } acceptable) return true;
        lineIsChecked = acceptable;
        return acceptable;
    }
}
