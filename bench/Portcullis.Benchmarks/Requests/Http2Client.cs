using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portcullis.Benchmarks.Requests;

/// <summary>A client's HTTP/2 connection that allocates nothing for a request, so that what a process allocates is the gateway's.</summary>
internal sealed class Http2Client : IDisposable
{
    private const int FrameHeader = 9;
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;
    private const byte EndStream = 0x1;
    private const byte IndexedOk = 0x88; // :status 200 (RFC 7541 appendix A)

    private static readonly byte[] Acknowledgement = [0, 0, 0, Settings, 1, 0, 0, 0, 0];

    private readonly Socket connection = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] octets = new byte[64 * 1024];
    private readonly byte[] window = [0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    private int start;
    private int end;
    private int stream = -1;

    public Http2Client(IPEndPoint gateway)
    {
        connection.Connect(gateway);
        connection.Send([.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, Settings, 0, 0, 0, 0, 0]);
    }

    /// <summary>A HEADERS frame that ends its stream, whose number is filled in with each exchange.</summary>
    public static byte[] Get(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var frame = new List<byte> { 0, 0, 0, Headers, 5, 0, 0, 0, 0 };
        foreach (var (name, value) in fields)
        {
            frame.Add(0);
            Append(name);
            Append(value);
        }

        var length = frame.Count - FrameHeader;
        (frame[1], frame[2]) = ((byte)(length >> 8), (byte)length);
        return [.. frame];

        void Append(string text)
        {
            if (text.Length < 127)
            {
                frame.Add((byte)text.Length);
            }
            else
            {
                var rest = text.Length - 127;
                frame.Add(127);
                for (; rest >= 128; rest >>= 7) frame.Add((byte)(rest | 128));
                frame.Add((byte)rest);
            }

            frame.AddRange(Encoding.ASCII.GetBytes(text));
        }
    }

    public void Dispose() => connection.Dispose();

    /// <summary>Sends a request and waits for the whole response, which must be a 200.</summary>
    public void Exchange(byte[] request)
    {
        stream += 2;
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(5), stream);
        connection.Send(request);
        var body = 0;
        while (true)
        {
            var length = Fill(FrameHeader) + FrameHeader;
            Fill(length);
            var frame = octets.AsSpan(start, length);
            start += length;
            var isOurs = BinaryPrimitives.ReadInt32BigEndian(frame[5..]) == stream;
            switch (frame[3])
            {
                case Settings when frame[4] == 0:
                    connection.Send(Acknowledgement);
                    break;
                case Headers when isOurs && frame[FrameHeader] == IndexedOk:
                    break;
                case Data when isOurs:
                    body += length - FrameHeader;
                    if ((frame[4] & EndStream) == 0) break;
                    BinaryPrimitives.WriteInt32BigEndian(window.AsSpan(FrameHeader), body);
                    connection.Send(window);
                    return;
                case Settings or 8:
                    break;
                default:
                    throw new InvalidOperationException($"The gateway sent {Convert.ToHexString(frame)}.");
            }
        }
    }

    /// <summary>Receives until so many octets are there; returns the length that a frame's header states.</summary>
    private int Fill(int most)
    {
        if (end - start < most && start > 0)
        {
            octets.AsSpan(start, end - start).CopyTo(octets);
            (start, end) = (0, end - start);
        }

        while (end - start < most)
        {
            var received = connection.Receive(octets.AsSpan(end), SocketFlags.None);
            if (received == 0) throw new InvalidOperationException("The gateway has closed the connection.");
            end += received;
        }

        return BinaryPrimitives.ReadInt32BigEndian(octets.AsSpan(start)) >>> 8;
    }
}
