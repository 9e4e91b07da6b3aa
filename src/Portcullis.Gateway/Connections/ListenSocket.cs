using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// A bound, listening socket and its accept loop. It outlives the server behind it: <see cref="Feed"/> points it at another gate,
/// so a listener can be replaced on its address without a moment in which a connection is refused.
/// </summary>
internal sealed class ListenSocket : IAsyncDisposable
{
    /// <summary>Connections that wait in the kernel for the accept loop; the kernel lowers it to <c>net.core.somaxconn</c> and refuses beyond.</summary>
    private const int Backlog = 4096;

    /// <summary>Connections accepted before others on the event loop have a turn.</summary>
    private const int MostAtOnce = 16;

    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(50);

    private readonly LoopSocket socket;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock sync = new();
    private volatile ConnectionGate? gate;
    private Task accepting = Task.CompletedTask;

    private ListenSocket(Socket socket, ListenAddress address, TimeProvider time, ILogger logger)
    {
        this.socket = LoopSocket.Listening(socket);
        this.time = time;
        this.logger = logger;
        Address = address;
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <summary>The address as configured; port 0 stays 0.</summary>
    public ListenAddress Address { get; }

    /// <summary>The address as bound.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The gate that gets the connections now.</summary>
    public ConnectionGate? Gate => gate;

    /// <summary>Whether the address has been let go.</summary>
    public bool IsClosed => stopping.IsCancellationRequested;

    /// <summary>Binds and listens; connections wait in the kernel until <see cref="Feed"/>.</summary>
    /// <exception cref="AddressInUseException">Another socket has the address.</exception>
    /// <exception cref="SocketException">The address is not one of this machine, or the port needs a privilege.</exception>
    public static ListenSocket Bind(ListenAddress address, TimeProvider time, ILogger logger)
    {
        var endPoint = address.EndPoint;
        if (address.IsDualMode && !Socket.OSSupportsIPv6) endPoint = new IPEndPoint(IPAddress.Any, endPoint.Port);

        var bound = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6) bound.DualMode = address.IsDualMode;
            bound.Bind(endPoint);
            bound.Listen(Backlog);
            return new ListenSocket(bound, address, time, logger);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            bound.Dispose();
            throw new AddressInUseException(exception.Message, exception);
        }
        catch
        {
            bound.Dispose();
            throw;
        }
    }

    /// <summary>Sends every further connection to the gate. The first call starts the accept loop.</summary>
    public void Feed(ConnectionGate next)
    {
        lock (sync)
        {
            ObjectDisposedException.ThrowIf(stopping.IsCancellationRequested, this);
            var first = gate is null;
            gate = next;
            if (first) accepting = Task.Run(AcceptAsync);
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (sync)
        {
            if (stopping.IsCancellationRequested) return;
            stopping.Cancel();
        }

        socket.Dispose();
        await accepting;
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        for (var count = 1; !stopping.IsCancellationRequested; count++)
        {
            try
            {
                if (count % MostAtOnce == 0) await LoopTurn.TakeAsync();
                await AcceptOneAsync();
            }
            catch (Exception)
            {
                // Whatever went wrong with one connection, the log included: the listener goes on, until it is to stop.
            }
        }

        // Who waits for the end must not have the event loop's thread.
        await PoolTurn.TakeAsync();
    }

    private async Task AcceptOneAsync()
    {
        Socket accepted;
        try
        {
            accepted = await socket.AcceptAsync();
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
        {
            // The peer is gone already.
            return;
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            // Out of file handles, it recurs until one is closed, so wait a little.
            await Task.Delay(PauseAfterError, time, CancellationToken.None);
            ConnectionLog.AcceptFailed(logger, EndPoint, exception.Message);
            return;
        }

        try
        {
            HandOver(accepted);
        }
        catch (Exception exception)
        {
            accepted.Dispose();
            ConnectionLog.ConnectionFailed(logger, exception, EndPoint);
        }
    }

    private void HandOver(Socket accepted)
    {
        while (true)
        {
            var current = gate!;
            if (current.TryAccept(accepted)) return;

            // The gate closed between the look-up and the call: try its successor. Without one, the whole listener is closing.
            if (ReferenceEquals(current, gate))
            {
                accepted.Dispose();
                return;
            }
        }
    }
}
