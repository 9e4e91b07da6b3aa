using System.IO.Pipelines;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>A client's writer that takes everything at once and counts.</summary>
internal sealed class FlushCountingWriter : PipeWriter
{
    private readonly TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] memory = new byte[64 * 1024];

    public int Flushes { get; private set; }

    public long Unflushed { get; private set; }

    public long OctetsAtFirstFlush { get; private set; }

    public Task FirstFlush => first.Task;

    public override void Advance(int bytes) => Unflushed += bytes;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (memory.Length < sizeHint)
            memory = new byte[sizeHint];
        return memory;
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (Flushes++ == 0)
        {
            OctetsAtFirstFlush = Unflushed;
            first.TrySetResult();
        }

        Unflushed = 0;
        return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: false));
    }

    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null)
    {
    }
}
