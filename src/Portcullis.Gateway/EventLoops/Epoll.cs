using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Portcullis.Gateway.EventLoops;

/// <summary>The system calls of Linux that the event loops make: epoll(7), eventfd(2), and those on sockets that do not block.</summary>
internal static unsafe partial class Epoll
{
    /// <summary>There is something to receive, or a connection to accept.</summary>
    public const uint In = 0x1;

    /// <summary>There is room to send, or a connection is made.</summary>
    public const uint Out = 0x4;

    /// <summary>The socket has failed.</summary>
    public const uint Error = 0x8;

    /// <summary>Both directions are over.</summary>
    public const uint HangUp = 0x10;

    /// <summary>The peer has ended its sending.</summary>
    public const uint PeerEnded = 0x2000;

    /// <summary>Told once for each change.</summary>
    public const uint EdgeTriggered = 1u << 31;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int Add = 1;
    private const int Interrupted = 4;
    private const int TryAgain = 11;
    private const int InProgress = 115;
    private const int NoSignal = 0x4000;
    private const int Peek = 2;

    // struct epoll_event is packed on x86-64 alone.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = EventSize - sizeof(long);

    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>Octets that <paramref name="count"/> events take.</summary>
    public static int SizeOf(int count) => count * EventSize;

    public static int Create() => Checked(epoll_create1(CloseOnExec), "epoll_create1");

    public static int CreateWakeUp() => Checked(eventfd(0, CloseOnExec | NonBlocking), "eventfd");

    /// <summary>Has the events of a file told with <paramref name="data"/> beside them. It ends with the file.</summary>
    public static void Watch(int epoll, SafeHandle file, uint events, long data)
    {
        var isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            Watch(epoll, (int)file.DangerousGetHandle(), events, data);
        }
        finally
        {
            if (isHeld) file.DangerousRelease();
        }
    }

    public static void Watch(int epoll, int file, uint events, long data)
    {
        var entry = stackalloc byte[16];
        *(uint*)entry = events;
        Unsafe.WriteUnaligned(entry + DataOffset, data);
        Checked(epoll_ctl(epoll, Add, file, entry), "epoll_ctl");
    }

    /// <summary>Looks for events, and waits for some unless told not to; none where the wait was interrupted.</summary>
    public static int Wait(int epoll, byte* events, int most, bool waits)
    {
        var count = epoll_wait(epoll, events, most, waits ? -1 : 0);
        if (count >= 0) return count;
        return Marshal.GetLastPInvokeError() == Interrupted ? 0 : Checked(count, "epoll_wait");
    }

    public static uint EventsAt(byte* events, int index) => *(uint*)(events + (index * EventSize));

    public static long DataAt(byte* events, int index) => Unsafe.ReadUnaligned<long>(events + (index * EventSize) + DataOffset);

    public static void WakeUp(int wakeUp)
    {
        // A full counter is a wake-up already.
        long one = 1;
        _ = write(wakeUp, &one, sizeof(long));
    }

    public static void TakeWakeUp(int wakeUp)
    {
        long count;
        _ = read(wakeUp, &count, sizeof(long));
    }

    /// <summary>Begins to connect a socket that does not block; how that ends is told as an event.</summary>
    /// <exception cref="SocketException">It has failed already.</exception>
    public static void StartConnecting(SafeHandle socket, EndPoint endPoint)
    {
        var address = endPoint.Serialize();
        var isHeld = false;
        try
        {
            socket.DangerousAddRef(ref isHeld);
            fixed (byte* octets = address.Buffer.Span)
            {
                if (connect((int)socket.DangerousGetHandle(), octets, (uint)address.Size) == 0) return;
            }

            // connect(2): interrupted, it goes on all the same.
            var error = Marshal.GetLastPInvokeError();
            if (error is not (InProgress or Interrupted)) throw new SocketException(SocketErrorOf(error));
        }
        finally
        {
            if (isHeld) socket.DangerousRelease();
        }
    }

    /// <summary>Receives what is there; -1 where nothing is yet.</summary>
    /// <exception cref="SocketException">The connection is broken.</exception>
    public static int Receive(SafeHandle socket, Span<byte> into)
    {
        fixed (byte* octets = into)
        {
            var isHeld = false;
            nint received;
            int error;
            try
            {
                socket.DangerousAddRef(ref isHeld);
                do
                {
                    received = recv((int)socket.DangerousGetHandle(), octets, into.Length, 0);
                    error = received < 0 ? Marshal.GetLastPInvokeError() : 0;
                }
                while (error == Interrupted);
            }
            finally
            {
                if (isHeld) socket.DangerousRelease();
            }

            return error is 0 or TryAgain ? (int)received : throw new SocketException(SocketErrorOf(error));
        }
    }

    /// <summary>Whether nothing is there to receive, not even an end or an error; an error is used up by the question.</summary>
    public static bool IsQuiet(SafeHandle socket)
    {
        byte octet;
        var isHeld = false;
        try
        {
            socket.DangerousAddRef(ref isHeld);
            return recv((int)socket.DangerousGetHandle(), &octet, 1, Peek) < 0 && Marshal.GetLastPInvokeError() == TryAgain;
        }
        finally
        {
            if (isHeld) socket.DangerousRelease();
        }
    }

    /// <summary>Sends what there is room for; -1 where there is none.</summary>
    /// <exception cref="SocketException">The connection is broken.</exception>
    public static int Send(SafeHandle socket, ReadOnlySpan<byte> from)
    {
        fixed (byte* octets = from)
        {
            var isHeld = false;
            nint sent;
            int error;
            try
            {
                socket.DangerousAddRef(ref isHeld);
                do
                {
                    sent = send((int)socket.DangerousGetHandle(), octets, from.Length, NoSignal);
                    error = sent < 0 ? Marshal.GetLastPInvokeError() : 0;
                }
                while (error == Interrupted);
            }
            finally
            {
                if (isHeld) socket.DangerousRelease();
            }

            return error is 0 or TryAgain ? (int)sent : throw new SocketException(SocketErrorOf(error));
        }
    }

    private static int SocketErrorOf(int error) => (int)(error switch
    {
        32 => SocketError.Shutdown,
        103 => SocketError.ConnectionAborted,
        104 => SocketError.ConnectionReset,
        107 => SocketError.NotConnected,
        13 or 1 => SocketError.AccessDenied,
        98 => SocketError.AddressAlreadyInUse,
        99 => SocketError.AddressNotAvailable,
        101 => SocketError.NetworkUnreachable,
        110 => SocketError.TimedOut,
        111 => SocketError.ConnectionRefused,
        113 => SocketError.HostUnreachable,
        _ => SocketError.SocketError,
    });

    private static int Checked(int result, string call)
        => result >= 0 ? result : throw new IOException($"{call} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int file, byte* entry);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, byte* events, int most, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint value, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int socket, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int socket, byte* into, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int socket, byte* from, nint length, int flags);

    [LibraryImport("libc")]
    private static partial nint read(int file, void* into, nint length);

    [LibraryImport("libc")]
    private static partial nint write(int file, void* from, nint length);
}
