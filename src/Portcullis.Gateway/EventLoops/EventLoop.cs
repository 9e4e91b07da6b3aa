using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Portcullis.Gateway.EventLoops;

/// <summary>
/// A thread that waits for the events of its sockets and runs what waits for them, on itself: a request is served from its first octet to
/// its last without a change of thread. Whatever runs here must not block, and takes a <see cref="Scheduling.PoolTurn"/> for what is long.
/// </summary>
/// <remarks>As many as there are processors, made when first asked for, for the life of the process.</remarks>
internal sealed unsafe class EventLoop
{
    private const int MostEvents = 256;

    // What no socket is told by.
    private const long WakeUpData = -1;

    // What long work may take of a turn before no more of it is begun: about so long a request may have to wait for it.
    private static readonly long MostOfTurn = Stopwatch.Frequency / 1000;

    private static readonly Lazy<EventLoop[]> All = new(() => [.. Enumerable.Range(0, Environment.ProcessorCount).Select(index => new EventLoop(index))]);
    private static int next;

    [ThreadStatic]
    private static EventLoop? current;

    private readonly int epoll = Epoll.Create();
    private readonly int wakeUp = Epoll.CreateWakeUp();
    private readonly Lock gate = new();
    private readonly Stack<int> freePlaces = [];
    private readonly Queue<LoopSocket> ended = [];
    private readonly List<IAfterEvents> after = []; // the loop's thread alone knows it
    private readonly Queue<Action> turns = []; // and this; at most one for each socket
    private volatile LoopSocket?[] sockets = new LoopSocket?[64];
    private int places;
    private uint generation;

    private EventLoop(int index)
    {
        Epoll.Watch(epoll, wakeUp, Epoll.In | Epoll.EdgeTriggered, WakeUpData);
        new Thread(Run) { Name = $"Event loop {index}", IsBackground = true }.UnsafeStart();
    }

    /// <summary>The loop whose turn it is to get a socket; null where the system has none (see <see cref="LoopSocket"/>).</summary>
    public static EventLoop? Next()
    {
        if (!Epoll.IsSupported) return null;
        var all = All.Value;
        return all.Length == 1 ? all[0] : all[(int)((uint)Interlocked.Increment(ref next) % (uint)all.Length)];
    }

    /// <summary>The loop whose thread this is; null on other threads.</summary>
    public static EventLoop? Current => current;

    /// <summary>Sockets that all loops together have now.</summary>
    public static int CountSockets() => Epoll.IsSupported ? All.Value.Sum(loop => loop.Count) : 0;

    private int Count
    {
        get
        {
            lock (gate) return places - freePlaces.Count;
        }
    }

    /// <summary>Takes a socket on; its events are told from here on. Returns what it is known by.</summary>
    public long Add(LoopSocket socket, SafeHandle handle)
    {
        long token;
        lock (gate)
        {
            if (!freePlaces.TryPop(out var place)) place = places++;
            if (place == sockets.Length)
            {
                var more = sockets;
                Array.Resize(ref more, place * 2);
                sockets = more;
            }

            token = ((long)(++generation & int.MaxValue) << 32) | (uint)place;
            socket.Token = token;
            sockets[place] = socket;
        }

        try
        {
            Epoll.Watch(epoll, handle, Epoll.In | Epoll.Out | Epoll.PeerEnded | Epoll.EdgeTriggered, token);
            return token;
        }
        catch
        {
            Remove(socket);
            throw;
        }
    }

    /// <summary>Forgets a socket that is closed and, on this thread, wakes what waits for it.</summary>
    public void End(LoopSocket socket)
    {
        lock (gate)
        {
            ended.Enqueue(socket);
            if (ended.Count > 1) return;
        }

        Epoll.WakeUp(wakeUp);
    }

    private void Remove(LoopSocket socket)
    {
        lock (gate)
        {
            var place = (int)(uint)socket.Token;
            if (!ReferenceEquals(sockets[place], socket)) return;
            sockets[place] = null;
            freePlaces.Push(place);
        }
    }

    /// <summary>Has work done once all events that are at hand have been told. By the loop's own thread alone.</summary>
    public void RunAfterEvents(IAfterEvents work) => after.Add(work);

    /// <summary>Has long work done when there is time for it, in order. By the loop's own thread alone.</summary>
    public void RunInTurn(Action work) => turns.Enqueue(work);

    private void Run()
    {
        current = this;
        var events = (byte*)NativeMemory.AlignedAlloc((nuint)Epoll.SizeOf(MostEvents), 64);
        while (true)
        {
            var count = Epoll.Wait(epoll, events, MostEvents, waits: turns.Count == 0);
            for (var i = 0; i < count; i++)
            {
                var data = Epoll.DataAt(events, i);
                if (data == WakeUpData) EndSockets();
                else if (sockets[(int)(uint)data] is { } socket && socket.Token == data) socket.Tell(Epoll.EventsAt(events, i));
            }

            RunAfterEvents();
            if (turns.Count == 0) continue;
            RunTurns();
            RunAfterEvents();
        }
    }

    private void RunAfterEvents()
    {
        // What runs may add to it.
        for (var i = 0; i < after.Count; i++) after[i].AfterEvents();
        after.Clear();
    }

    private void RunTurns()
    {
        var until = Stopwatch.GetTimestamp() + MostOfTurn;
        while (turns.TryDequeue(out var work))
        {
            work();
            if (Stopwatch.GetTimestamp() >= until) return;
        }
    }

    private void EndSockets()
    {
        Epoll.TakeWakeUp(wakeUp);
        while (true)
        {
            LoopSocket? socket;
            lock (gate)
            {
                if (!ended.TryDequeue(out socket)) return;
            }

            Remove(socket);
            socket.Tell(Epoll.HangUp);
        }
    }
}
