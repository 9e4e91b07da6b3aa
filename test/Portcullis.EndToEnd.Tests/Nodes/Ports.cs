using System.Net;
using System.Net.Sockets;

namespace Portcullis.EndToEnd.Tests.Nodes;

/// <summary>Loopback ports that are free at this moment. Each is given out once, so that tests of one run do not meet.</summary>
internal static class Ports
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    public static int Free()
    {
        lock (Gate)
        {
            while (true)
            {
                using var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                var port = ((IPEndPoint)listener.LocalEndpoint).Port;
                if (Given.Add(port)) return port;
            }
        }
    }
}
