using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Forwarding.Http1;

/// <summary>
/// One connection to the destination: octets in and out, its time-out, its end. Used by one exchange at a time, which may
/// receive and send at once; <see cref="End"/> and <see cref="ExpireAt"/> may be called from any thread.
/// </summary>
internal sealed class Http1Connection : IDisposable
{
    private const long NoDeadline = 0;
    private const long Expired = -1;

    // RFC 8446 §5.1: more is sent in several records, the first of which may leave though the last does not.
    private const int MostInOneRecord = 16 * 1024;

    private readonly LoopSocket socket;
    private readonly SslStream? tls;
    private readonly LoopStream? network; // beneath the TLS stream
    private readonly ConnectionClock clock;
    private ReceiveBuffer buffer;
    private readonly Lock expiring = new();
    private int room;
    private bool receiving;
    private long deadline;
    private PipeWriter? flushing;
    private int reason;

    public Http1Connection(LoopSocket socket, ConnectionClock clock, SslStream? tls = null, LoopStream? network = null)
    {
        this.socket = socket;
        this.tls = tls;
        this.network = network;
        this.clock = clock;
        OpenedAt = clock.Now;
        Exchange = new Http1Exchange(this);
    }

    /// <summary>The exchange that runs on the connection, or ran last.</summary>
    public Http1Exchange Exchange { get; }

    public ConnectionClock Clock => clock;

    public long OpenedAt { get; }

    /// <summary>When it was last given back; kept by the pool.</summary>
    public long IdleSince { get; set; }

    /// <summary>Place in the pool's list; kept by the pool.</summary>
    public int Index { get; set; }

    /// <summary>Whether octets may be received straight into another's memory: with TLS, records make a copy cheaper.</summary>
    public bool IsPlain => tls is null;

    public EndReason Reason => (EndReason)Volatile.Read(ref reason);

    /// <summary>Whether the connection ended without the end of its TLS session, as anyone on the way can make it end.</summary>
    public bool WasCut => network is { HasEnded: true };

    public ReadOnlySpan<byte> Buffered => buffer.Span;

    public void Consume(int length) => buffer.Consume(length);

    /// <summary>Whether something arrived, or the upstream closed, while nothing may arrive: then the connection is not to be used.</summary>
    public bool HasUnaskedInput()
    {
        try
        {
            return Reason != EndReason.None || buffer.Length > 0 || !socket.IsQuiet();
        }
        catch (Exception e) when (BrokenConnection.Is(e))
        {
            return true;
        }
    }

    /// <summary>Receives what is there into the connection's own buffer.</summary>
    /// <returns>Octets received, 0 at the end of the stream, -1 where nothing is there yet; over TLS always -1.</returns>
    public int TryReceive()
    {
        if (tls is not null || !socket.MayHaveInput) return -1;
        var length = socket.TryReceive(buffer.Room(ResponseParser.MaximumHead).Span);
        if (length > 0) buffer.Commit(length);
        return length;
    }

    /// <summary>Waits until <see cref="TryReceive"/> is worth a try. Not over TLS.</summary>
    public ValueTask<int> WaitForInputAsync() => socket.WaitForNewsAsync();

    /// <summary>Receives into the connection's own buffer. To be followed by <see cref="Received"/>.</summary>
    public ValueTask<int> ReceiveAsync()
    {
        receiving = true;
        var into = buffer.Room(ResponseParser.MaximumHead);
        room = into.Length;
        return ReceiveAsync(into);
    }

    /// <summary>Takes note of the octets that <see cref="ReceiveAsync()"/> brought.</summary>
    public void Received(int length)
    {
        receiving = false;
        MayHoldMore = tls is not null && length == room;
        buffer.Commit(length);
    }

    /// <summary>Whether the last receive took all it had room for, so that the TLS stream may hold more where nobody sees it.</summary>
    public bool MayHoldMore { get; private set; }

    public ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken cancellationToken = default) =>
        tls is null ? socket.ReceiveAsync(into, cancellationToken) : tls.ReadAsync(into, cancellationToken);

    /// <summary>Whether the system has taken any octet since <see cref="BeginSending"/>; over TLS, whether it may have.</summary>
    public bool HasSent { get; private set; }

    public void BeginSending() => HasSent = false;

    public ValueTask SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        if (tls is not null)
        {
            HasSent |= octets.Length > MostInOneRecord;
            return tls.WriteAsync(octets, cancellationToken);
        }

        var sent = TrySend(octets.Span);
        return sent == octets.Length ? ValueTask.CompletedTask : SendRestAsync(octets[sent..], cancellationToken);
    }

    /// <summary>Closes the connection, which ends what waits on it. The first reason stays.</summary>
    public void End(EndReason why)
    {
        if (Interlocked.CompareExchange(ref reason, (int)why, (int)EndReason.None) == (int)EndReason.None)
            socket.Dispose();
    }

    /// <summary>Starts the time-out of a wait for the upstream or, with a writer, for the client to take what is flushed.</summary>
    public void ArmDeadline(TimeSpan timeout, PipeWriter? flushed = null)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
            return;

        flushing = flushed;
        Volatile.Write(ref deadline, clock.After(timeout));
    }

    /// <summary>Ends the time-out. Where the sweep is ending the connection by it, waits until it has: what is flushed next is another's.</summary>
    public void DisarmDeadline()
    {
        var due = Volatile.Read(ref deadline);
        if (due == NoDeadline || (due != Expired && Interlocked.CompareExchange(ref deadline, NoDeadline, due) == due))
            return;

        lock (expiring)
        {
            // The connection is at its end.
        }
    }

    public bool IsDue(long now) => Volatile.Read(ref deadline) is > NoDeadline and var due && due <= now;

    /// <summary>Ends the connection when its time-out has passed. Called by the sweep.</summary>
    public void ExpireAt(long now)
    {
        lock (expiring)
        {
            var due = Volatile.Read(ref deadline);
            var writer = flushing;
            if (due <= NoDeadline || due > now || Interlocked.CompareExchange(ref deadline, Expired, due) != due)
                return;

            End(writer is null ? EndReason.UpstreamIdle : EndReason.ClientIdle);
            writer?.CancelPendingFlush();
        }
    }

    /// <summary>Gives the buffers back; an idle connection keeps none.</summary>
    public void ReleaseBuffer()
    {
        flushing = null;
        buffer.Release(abandon: receiving);
        receiving = false;
    }

    /// <summary>Closes the connection for good; nothing may wait on it any more.</summary>
    public void Dispose()
    {
        End(EndReason.Done);
        ReleaseBuffer();
        tls?.Dispose();
    }

    private int TrySend(ReadOnlySpan<byte> octets)
    {
        var sent = Math.Max(socket.TrySend(octets), 0);
        HasSent |= sent > 0;
        return sent;
    }

    private async ValueTask SendRestAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        while (!octets.IsEmpty)
        {
            await socket.WaitToSendAsync(cancellationToken);
            octets = octets[TrySend(octets.Span)..];
        }
    }
}
