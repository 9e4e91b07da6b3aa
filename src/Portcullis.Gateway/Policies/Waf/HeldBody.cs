using System.Buffers;
using System.IO.Pipelines;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>A body of which the beginning has been read already: gives that out first, then what comes. Reused from request to request.</summary>
internal sealed class HeldBody : PipeReader
{
    private readonly Piece first = new();
    private readonly Piece second = new();
    private ReadOnlyMemory<byte> held;
    private PipeReader? rest;
    private ReadOnlySequence<byte> shown;
    private ReadOnlySequence<byte> shownRest;
    private bool isWhole;
    private bool isExamined; // all that is held has been looked at and not taken: whoever reads wants more
    private bool showsRest;

    private PipeReader Rest => rest ?? throw new InvalidOperationException("The exchange is over.");

    /// <param name="body">What has been read.</param>
    /// <param name="following">Where the rest comes from.</param>
    /// <param name="isAll">Whether nothing follows.</param>
    public HeldBody Attach(ReadOnlyMemory<byte> body, PipeReader following, bool isAll)
    {
        (held, rest, isWhole) = (body, following, isAll);
        isExamined = showsRest = false;
        return this;
    }

    public void Detach()
    {
        held = default;
        rest = null;
        shown = shownRest = default;
        first.Set(default, null, 0);
        second.Set(default, null, 0);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (isWhole || (held.Length > 0 && !isExamined))
        {
            _ = Rest;
            result = ShowHeld();
            return true;
        }

        if (!Rest.TryRead(out result)) return false;
        result = Join(result);
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (isWhole || (held.Length > 0 && !isExamined))
        {
            _ = Rest;
            return new(ShowHeld());
        }

        var pending = Rest.ReadAsync(cancellationToken);
        return held.Length == 0 || pending.IsCompletedSuccessfully ? held.Length == 0 ? PassAsync(pending) : new(Join(pending.Result)) : JoinAsync(pending);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var taken = shown.Slice(0, consumed).Length;
        var looked = shown.Slice(0, examined).Length;
        if (showsRest)
        {
            var own = held.Length;
            var start = shownRest.Start;
            Rest.AdvanceTo(
                taken > own ? shownRest.GetPosition(taken - own) : start,
                looked > own ? shownRest.GetPosition(looked - own) : start);
            held = held[(int)Math.Min(taken, own)..];
        }
        else
        {
            isExamined = looked == held.Length;
            held = held[(int)taken..];
        }

        shown = shownRest = default;
        showsRest = false;
    }

    public override void CancelPendingRead() => rest?.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        // The server completes the body with the request.
    }

    private ReadResult ShowHeld()
    {
        showsRest = false;
        shown = new ReadOnlySequence<byte>(held);
        return new ReadResult(shown, isCanceled: false, isCompleted: isWhole);
    }

    private ValueTask<ReadResult> PassAsync(ValueTask<ReadResult> pending) => pending.IsCompletedSuccessfully ? new(Join(pending.Result)) : JoinAsync(pending);

    private async ValueTask<ReadResult> JoinAsync(ValueTask<ReadResult> pending) => Join(await pending);

    private ReadResult Join(in ReadResult result)
    {
        showsRest = true;
        shownRest = result.Buffer;
        shown = held.Length == 0 ? result.Buffer : Together(result.Buffer);
        return new ReadResult(shown, result.IsCanceled, result.IsCompleted);
    }

    // Only where somebody looks at what is held and wants more before taking it.
    private ReadOnlySequence<byte> Together(in ReadOnlySequence<byte> buffer)
    {
        var following = buffer.IsSingleSegment ? buffer.First : buffer.ToArray();
        first.Set(held, second, 0);
        second.Set(following, null, held.Length);
        return new ReadOnlySequence<byte>(first, 0, second, following.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public void Set(ReadOnlyMemory<byte> memory, Piece? next, long index) => (Memory, Next, RunningIndex) = (memory, next, index);
    }
}
