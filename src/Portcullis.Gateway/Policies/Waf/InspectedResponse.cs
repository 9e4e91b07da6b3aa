using System.Buffers;
using System.IO.Pipelines;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>
/// Takes a response's body and holds it back, up to a limit, until the rules have judged it; after that it passes on what comes. To whoever writes it
/// looks like a client that takes everything at once. Reused from response to response.
/// </summary>
internal sealed class InspectedResponse : PipeWriter
{
    private const int FirstSize = 16 * 1024;

    private Inspection? inspection;
    private Exchange? exchange;
    private BodyMemory? memory;
    private byte[] buffer = [];
    private int length;
    private long limit;
    private bool passes;

    /// <summary>The refusal, where the rules refused what came; nothing has been sent then.</summary>
    public Verdict Verdict { get; private set; } = Verdict.Continue;

    /// <summary>Whether nothing has been passed on yet.</summary>
    public bool HoldsBack => inspection is not null && !passes;

    public void Begin(Inspection owner, Exchange of, long mostHeld, BodyMemory bodies)
    {
        (inspection, exchange, limit, memory) = (owner, of, mostHeld, bodies);
        passes = false;
        Verdict = Verdict.Continue;
    }

    /// <summary>All has come: has it judged and passed on. Returns what the rules say.</summary>
    public async ValueTask<Verdict> FinishAsync()
    {
        if (HoldsBack) await ReleaseAsync(cut: null);
        return Verdict;
    }

    /// <summary>Gives the memory back.</summary>
    public void End()
    {
        Free();
        inspection = null;
        exchange = null;
        memory = null;
        Verdict = Verdict.Continue;
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => passes ? exchange!.ResponseBody.GetMemory(sizeHint) : Room(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => passes ? exchange!.ResponseBody.GetSpan(sizeHint) : Room(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (passes) exchange!.ResponseBody.Advance(bytes);
        else length += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (Verdict.IsRefusal) return new(new FlushResult(isCanceled: false, isCompleted: true));
        if (passes) return exchange!.ResponseBody.FlushAsync(cancellationToken);
        if (length <= limit && !memory!.IsFull) return new(new FlushResult(isCanceled: false, isCompleted: false));
        return FlushHeldAsync(cancellationToken);
    }

    public override void CancelPendingFlush()
    {
        if (passes) exchange!.ResponseBody.CancelPendingFlush();
    }

    public override void Complete(Exception? exception = null)
    {
        // The terminal ends the response.
    }

    private async ValueTask<FlushResult> FlushHeldAsync(CancellationToken cancellationToken)
    {
        await ReleaseAsync(length > limit ? "limit" : "memory");
        return Verdict.IsRefusal ? new FlushResult(isCanceled: false, isCompleted: true) : await exchange!.ResponseBody.FlushAsync(cancellationToken);
    }

    private async ValueTask ReleaseAsync(string? cut)
    {
        Verdict = await inspection!.InspectResponseAsync(exchange!, buffer.AsMemory(0, length), cut);
        if (Verdict.IsRefusal) return;

        passes = true;
        exchange!.ResponseBody.Write(buffer.AsSpan(0, length));
        Free();
    }

    private Memory<byte> Room(int sizeHint)
    {
        var wanted = length + Math.Max(sizeHint, 1024);
        if (wanted > buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(wanted, Math.Max(FirstSize, buffer.Length * 2)));
            buffer.AsSpan(0, length).CopyTo(larger);
            memory!.Take(larger.Length - buffer.Length);
            if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        return buffer.AsMemory(length);
    }

    private void Free()
    {
        length = 0;
        if (buffer.Length == 0) return;
        memory!.Return(buffer.Length);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }
}
