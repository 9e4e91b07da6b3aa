using System.Net;
using System.Net.Sockets;

namespace Portcullis.EndToEnd.Tests.Nodes;

/// <summary>
/// Loopback ports that are free at this moment, for programs that are told their port. They lie below the range from which the
/// system takes the ports of outgoing connections, so that none is taken before the program listens; each is given out once.
/// </summary>
internal static class Ports
{
    private const int First = 10_000;
    private const int Count = 20_000;

    private static int next = Random.Shared.Next(Count);

    public static int Free()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + ((Interlocked.Increment(ref next) & int.MaxValue) % Count);
            if (IsFree(port)) return port;
        }

        throw new InvalidOperationException("No loopback port is free.");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
