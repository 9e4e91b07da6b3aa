using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portcullis.Gateway.Tests.Hosting;

/// <summary>Sends octets as they are and reads until the other end closes.</summary>
internal static class RawHttp
{
    public static async Task<string> SendAsync(IPEndPoint endPoint, string octets)
    {
        using var timeout = new CancellationTokenSource(Eventually.Patience);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endPoint, timeout.Token);
        await socket.SendAsync(Encoding.Latin1.GetBytes(octets), timeout.Token);
        var received = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, timeout.Token) is > 0 and var read) received.Write(buffer, 0, read);
        }
        catch (SocketException)
        {
            // A reset ends the answer too.
        }

        return Encoding.Latin1.GetString(received.ToArray());
    }
}
