using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Portcullis.Gateway.Buffers;
using Portcullis.Waf;

namespace Portcullis.Gateway.Policies.Waf;

/// <summary>
/// Reads a request's body into a transaction, up to the limit, and no further: what is beyond stays with the server. The server holds the client to the
/// least rate; here it is held to a longest silence. Reused from request to request.
/// </summary>
internal sealed class RequestBodyIntake
{
    /// <summary>Octets that are taken of the memory at first; a usual form or JSON text needs no more.</summary>
    private const int FirstStep = 4 * 1024;

    private readonly HeldBody held = new();
    private ITimer? timer;
    private PipeReader? awaited;
    private TimeProvider clock = TimeProvider.System;
    private TimeSpan patience;
    private long since;
    private volatile bool isLate;
    private long taken;

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    public async ValueTask<IntakeEnd> ReadAsync(PipeReader body, Transaction transaction, RouteInspection route)
    {
        while (true)
        {
            var pending = body.ReadAsync();
            if (!pending.IsCompleted) Await(body, route);
            ReadResult result;
            try
            {
                result = await pending;
            }
            finally
            {
                Volatile.Write(ref awaited, null);
            }

            if (isLate)
            {
                body.AdvanceTo(result.Buffer.Start);
                return IntakeEnd.Late;
            }

            var end = Take(result.Buffer, transaction, route, out var consumed);
            if (end == IntakeEnd.Whole)
            {
                body.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted) return end;
                continue;
            }

            body.AdvanceTo(consumed);
            return end;
        }
    }

    /// <summary>The body to be forwarded: what was taken, and what is yet to come.</summary>
    public PipeReader Held(ReadOnlyMemory<byte> body, PipeReader rest, bool isWhole) => held.Attach(body, rest, isWhole);

    /// <summary>Lets go of the body and gives the memory back.</summary>
    public void End(BodyMemory memory)
    {
        held.Detach();
        if (taken > 0) memory.Return(taken);
        taken = 0;
        isLate = false;
    }

    private IntakeEnd Take(in ReadOnlySequence<byte> buffer, Transaction transaction, RouteInspection route, out SequencePosition consumed)
    {
        consumed = buffer.Start;
        foreach (var piece in buffer)
        {
            var before = transaction.RequestBody.Length;
            var needed = Math.Min(route.BodyLimit, before + piece.Length);
            if (needed > taken)
            {
                // In steps, as the memory for it grows.
                var step = Math.Max(Math.Max(needed, taken * 2), FirstStep) - taken;
                if (!route.Memory.TryTake(step)) return IntakeEnd.NoMemory;
                taken += step;
            }

            var isAll = transaction.AppendRequestBody(piece.Span);
            consumed = buffer.GetPosition(transaction.RequestBody.Length - before, consumed);
            if (!isAll) return IntakeEnd.BeyondLimit;
        }

        return IntakeEnd.Whole;
    }

    private void Await(PipeReader body, RouteInspection route)
    {
        (clock, patience) = (route.Clock, route.BodyTimeout);
        Volatile.Write(ref since, clock.GetTimestamp());
        Volatile.Write(ref awaited, body);
        timer ??= route.Clock.CreateTimer(static state => ((RequestBodyIntake)state!).GiveUp(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(route.BodyTimeout, Timeout.InfiniteTimeSpan);
    }

    private void GiveUp()
    {
        // A timer that was due when this wait began is none of its own; its own comes later.
        if (clock.GetElapsedTime(Volatile.Read(ref since)) < patience / 2 || Interlocked.Exchange(ref awaited, null) is not { } body) return;
        isLate = true;
        body.CancelPendingRead();
    }
}
