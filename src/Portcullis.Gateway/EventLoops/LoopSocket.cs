using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Portcullis.Gateway.Buffers;

namespace Portcullis.Gateway.EventLoops;

/// <summary>
/// A TCP connection on an <see cref="EventLoop"/>. One at a time may receive and one may send; <see cref="Dispose"/> may be called from any
/// thread and ends what waits, with <see cref="ObjectDisposedException"/>.
/// </summary>
/// <remarks>
/// On Linux a wait costs no system call: the socket stays registered with its loop from the first octet to the last, and no memory is held
/// for what is yet to come. Elsewhere the framework's sockets do the waiting.
/// </remarks>
internal sealed class LoopSocket : IDisposable
{
    // Between two looks for room where no loop tells of it.
    private static readonly TimeSpan RoomElsewhere = TimeSpan.FromMilliseconds(5);

    private readonly Socket socket;
    private readonly SafeSocketHandle handle;
    private readonly EventLoop? loop;
    private readonly Readiness input = new();
    private readonly Readiness output = new();
    private volatile bool hasEnded;
    private volatile bool isReceiveCancelled;
    private bool isDrained;
    private Action? whenEnded;
    private CancellationTokenSource elsewhere = new(); // the pending receive of the framework's
    private int closed;

    private LoopSocket(Socket socket, EventLoop? loop)
    {
        this.socket = socket;
        this.loop = loop;
        handle = socket.SafeHandle;
        socket.Blocking = false;
    }

    /// <summary>What the loop knows it by; 0 before that.</summary>
    public long Token { get; set; }

    /// <summary>Takes over a connection that was accepted.</summary>
    public static LoopSocket Accepted(Socket socket) => Accepted(socket, EventLoop.Next());

    /// <param name="socket">A connection.</param>
    /// <param name="loop">Null: the framework's sockets do the waiting.</param>
    public static LoopSocket Accepted(Socket socket, EventLoop? loop)
    {
        var accepted = new LoopSocket(socket, loop);
        loop?.Add(accepted, socket.SafeHandle);
        return accepted;
    }

    /// <summary>Takes over a socket that listens.</summary>
    public static LoopSocket Listening(Socket socket) => Accepted(socket);

    /// <summary>Accepts a connection, waiting for one. It blocks like any other of the framework's.</summary>
    /// <exception cref="SocketException">There is none, for a reason that may pass.</exception>
    /// <exception cref="ObjectDisposedException">The socket was closed.</exception>
    public async ValueTask<Socket> AcceptAsync()
    {
        if (loop is null) return await socket.AcceptAsync();
        while (true)
        {
            input.Forget();
            if (HasInput()) return socket.Accept();
            await input.WaitAsync();
        }
    }

    /// <summary>Connects a fresh socket, which is closed where that fails.</summary>
    /// <exception cref="SocketException">There is no connection.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async ValueTask<LoopSocket> ConnectAsync(Socket socket, IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var loop = EventLoop.Next();
        if (loop is null)
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new LoopSocket(socket, loop);
        }

        var connecting = new LoopSocket(socket, loop);
        try
        {
            Epoll.StartConnecting(socket.SafeHandle, endPoint);
            loop.Add(connecting, socket.SafeHandle);
            await using (connecting.output.TellWhen(cancellationToken))
            {
                while (true)
                {
                    connecting.output.Forget();
                    cancellationToken.ThrowIfCancellationRequested();
                    if (socket.Poll(0, SelectMode.SelectWrite)) break;
                    await connecting.output.WaitAsync();
                }
            }

            var error = (SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
            return error == SocketError.Success ? connecting : throw new SocketException((int)error);
        }
        catch
        {
            // The loop must not keep it.
            connecting.Dispose();
            throw;
        }
    }

    /// <summary>Receives what is there.</summary>
    /// <returns>Octets received, 0 at the end of the stream, -1 where nothing is there yet.</returns>
    /// <exception cref="SocketException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">It was closed on this side.</exception>
    public int TryReceive(Span<byte> into)
    {
        input.Forget();
        ThrowIfReceiveCancelled();
        var length = loop is null ? ReceiveElsewhere(into) : Epoll.Receive(handle, into);

        // A stream that gave less than there was room for has no more; what comes later is told (epoll(7), question 9).
        isDrained = length < into.Length;
        return length;
    }

    /// <summary>Receives, waiting until something is there. 0 at the end of the stream. For errors see <see cref="TryReceive"/>.</summary>
    public ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken cancellationToken = default)
    {
        if (MayHaveInput)
        {
            var length = TryReceive(into.Span);
            if (length >= 0) return new(length);
        }

        return cancellationToken.CanBeCanceled ? WaitAndReceiveAsync(into, cancellationToken) : WaitAndReceiveUncancelledAsync(into);
    }

    /// <summary>Waits for news without holding memory, where all there was had been received. May return early; the number says nothing.</summary>
    public ValueTask<int> WaitForNewsAsync()
    {
        if (!isDrained)
        {
            input.Forget();

            // After a cancellation the next receive is worth a try, which fails.
            if (isReceiveCancelled || HasInput()) return default;
            isDrained = true;
        }

        return MayHaveInput ? default : WaitToReceiveAsync(CancellationToken.None);
    }

    /// <summary>Waits until something is there, or the connection is over.</summary>
    public async ValueTask WaitForInputAsync(CancellationToken cancellationToken)
    {
        await using (input.TellWhen(cancellationToken))
        {
            while (true)
            {
                input.Forget();
                ThrowIfReceiveCancelled();
                cancellationToken.ThrowIfCancellationRequested();
                isDrained = !HasInput();
                if (!isDrained) return;
                await WaitToReceiveAsync(cancellationToken);
            }
        }
    }

    /// <summary>
    /// Has the pending receive, or else the next one, fail with <see cref="OperationCanceledException"/>. The connection stays as it is, and
    /// nothing of what comes is lost. From any thread; who receives goes on in the pool.
    /// </summary>
    public void CancelReceive()
    {
        isReceiveCancelled = true;
        if (loop is null) Interlocked.Exchange(ref elsewhere, new CancellationTokenSource()).Cancel();
        else ThreadPool.UnsafeQueueUserWorkItem(static readiness => readiness.Tell(), input, preferLocal: false);
    }

    /// <summary>Whether nothing is there and the connection lives: asks the system. One that is not quiet is not to be used on, since its error may be used up.</summary>
    public bool IsQuiet() => loop is null ? !HasInput() : Epoll.IsQuiet(handle);

    /// <summary>Whether something is there, or the connection is over: asks the system.</summary>
    private bool HasInput() => socket.Poll(0, SelectMode.SelectRead);

    /// <summary>Sends what there is room for.</summary>
    /// <returns>Octets sent, -1 where there is no room yet.</returns>
    public int TrySend(ReadOnlySpan<byte> octets)
    {
        output.Forget();
        return loop is null ? SendElsewhere(octets) : Epoll.Send(handle, octets);
    }

    /// <summary>Waits until <see cref="TrySend"/> is worth a try.</summary>
    public async ValueTask WaitToSendAsync(CancellationToken cancellationToken)
    {
        await using (output.TellWhen(cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (loop is null) await WaitForRoomElsewhereAsync(cancellationToken);
            else await output.WaitAsync();
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Sends all, waiting for room where need be.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default)
    {
        var sent = TrySend(octets.Span);
        return sent == octets.Length ? default : SendRestAsync(octets[Math.Max(sent, 0)..], cancellationToken);
    }

    /// <summary>
    /// Has somebody told that the peer has ended its sending or the connection is over: now if it has, else on the loop's thread, perhaps more
    /// than once. Where the framework's sockets wait, nobody is told: who receives sees it.
    /// </summary>
    public void TellEnd(Action told)
    {
        whenEnded = told;
        Interlocked.MemoryBarrier();
        if (hasEnded) told();
    }

    /// <summary>Ends the sending half.</summary>
    public void EndSending() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes the connection with a reset. From any thread.</summary>
    public void Reset()
    {
        try
        {
            if (Volatile.Read(ref closed) == 0) socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended meanwhile.
        }

        Dispose();
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref closed, 1) != 0) return;
        socket.Dispose();
        if (Token != 0) loop!.End(this);
    }

    /// <summary>Takes events from the loop.</summary>
    public void Tell(uint events)
    {
        if ((events & (Epoll.PeerEnded | Epoll.HangUp | Epoll.Error)) != 0)
        {
            hasEnded = true;
            Interlocked.MemoryBarrier();
            whenEnded?.Invoke();
            input.Tell();
            output.Tell();
            return;
        }

        if ((events & Epoll.In) != 0) input.Tell();
        if ((events & Epoll.Out) != 0) output.Tell();
    }

    private int ReceiveElsewhere(Span<byte> into)
    {
        var length = socket.Receive(into, SocketFlags.None, out var error);
        if (error == SocketError.Success) return length;
        return error == SocketError.WouldBlock ? -1 : throw new SocketException((int)error);
    }

    private async ValueTask<int> WaitElsewhereAsync(CancellationToken cancellationToken)
    {
        var cancellable = Volatile.Read(ref elsewhere);
        if (isReceiveCancelled) return 0;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellable.Token, cancellationToken);
        try
        {
            return await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The next try says so.
            return 0;
        }
        catch (SocketException) when (Volatile.Read(ref closed) != 0)
        {
            // It was closed on this side, and the next try says that too.
            return 0;
        }
    }

    // The framework's sockets send what is to be sent, but can't tell when there is room.
    private async ValueTask WaitForRoomElsewhereAsync(CancellationToken cancellationToken)
    {
        while (!socket.Poll(0, SelectMode.SelectWrite)) await Task.Delay(RoomElsewhere, TimeProvider.System, cancellationToken);
    }

    private int SendElsewhere(ReadOnlySpan<byte> octets)
    {
        var length = socket.Send(octets, SocketFlags.None, out var error);
        if (error == SocketError.Success) return length;
        return error == SocketError.WouldBlock ? -1 : throw new SocketException((int)error);
    }

    private void ThrowIfReceiveCancelled()
    {
        if (!isReceiveCancelled) return;
        isReceiveCancelled = false;

        // What has been told and was forgotten just now may be that there is something.
        isDrained = false;
        throw new OperationCanceledException("The receiving was cancelled.");
    }

    /// <summary>
    /// Whether something may be there, or the connection may be over, as far as has been told: asks nobody. Once the peer has ended, its end may
    /// lie behind what was received last, and is not told again.
    /// </summary>
    public bool MayHaveInput => !isDrained || hasEnded || input.IsTold;

    private ValueTask<int> WaitToReceiveAsync(CancellationToken cancellationToken)
    {
        if (loop is null) return WaitElsewhereAsync(cancellationToken);
        return hasEnded ? default : input.WaitAsync();
    }

    [AsyncMethodBuilder(typeof(ReusingValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAndReceiveUncancelledAsync(Memory<byte> into)
    {
        while (true)
        {
            await WaitToReceiveAsync(CancellationToken.None);
            var length = TryReceive(into.Span);
            if (length >= 0) return length;
        }
    }

    private async ValueTask<int> WaitAndReceiveAsync(Memory<byte> into, CancellationToken cancellationToken)
    {
        await using (input.TellWhen(cancellationToken))
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await WaitToReceiveAsync(cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                var length = TryReceive(into.Span);
                if (length >= 0) return length;
            }
        }
    }

    private async ValueTask SendRestAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        while (!octets.IsEmpty)
        {
            await WaitToSendAsync(cancellationToken);
            octets = octets[Math.Max(TrySend(octets.Span), 0)..];
        }
    }
}
