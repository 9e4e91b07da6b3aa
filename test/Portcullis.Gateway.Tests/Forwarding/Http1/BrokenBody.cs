using System.Buffers;
using System.IO.Pipelines;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>A request's body that breaks while it is read, as the server's does when it takes the request back in that moment.</summary>
internal sealed class BrokenBody(Exception? onRead, Exception? onAdvance) : PipeReader
{
    public override bool TryRead(out ReadResult result)
    {
        if (onRead is not null) throw onRead;
        result = new ReadResult(new ReadOnlySequence<byte>("abc"u8.ToArray()), isCanceled: false, isCompleted: false);
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => TryRead(out var result) ? new(result) : default;

    public override void AdvanceTo(SequencePosition consumed)
    {
        if (onAdvance is not null) throw onAdvance;
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => AdvanceTo(consumed);

    public override void CancelPendingRead()
    {
    }

    public override void Complete(Exception? exception = null)
    {
    }
}
