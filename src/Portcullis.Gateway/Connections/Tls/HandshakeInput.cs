using System.IO.Pipelines;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>
/// The input of a TLS connection. As long as the handshake lasts, what was read is worked on in the thread pool: a handshake costs as much as
/// dozens of requests, and a flood of them must not hold up the connections that share their socket's thread.
/// </summary>
internal sealed class HandshakeInput(PipeReader inner, Admission admission) : PipeReader
{
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        => admission.HandshakeDone ? inner.ReadAsync(cancellationToken) : ReadInPoolAsync(cancellationToken);

    public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    private async ValueTask<ReadResult> ReadInPoolAsync(CancellationToken cancellationToken)
    {
        var result = await inner.ReadAsync(cancellationToken);
        await PoolTurn.TakeAsync();
        return result;
    }
}
