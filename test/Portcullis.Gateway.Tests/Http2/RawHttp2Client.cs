using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Portcullis.Gateway.Tests.Connections;

namespace Portcullis.Gateway.Tests.Http2;

/// <summary>
/// An HTTP/2 client that obeys only its test: sends any frame with any octets, and reads frames one by one or as the answer to a stream.
/// </summary>
internal sealed class RawHttp2Client : IAsyncDisposable
{
    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    private readonly RawConnection connection;

    private RawHttp2Client(RawConnection connection) => this.connection = connection;

    /// <summary>Connects by prior knowledge and sends preface and SETTINGS.</summary>
    public static async Task<RawHttp2Client> ConnectAsync(IPEndPoint endPoint, bool greet = true)
    {
        var client = new RawHttp2Client(await RawConnection.OpenAsync(endPoint));
        if (greet) await client.GreetAsync();
        return client;
    }

    /// <summary>Connects over TLS with ALPN and sends preface and SETTINGS.</summary>
    public static async Task<RawHttp2Client> ConnectTlsAsync(IPEndPoint endPoint, string host = "localhost", bool greet = true)
    {
        var client = new RawHttp2Client(await RawConnection.OpenTlsAsync(endPoint, RawConnection.TlsOptions(host, SslApplicationProtocol.Http2)));
        if (greet) await client.GreetAsync();
        return client;
    }

    /// <summary>The fields of a plain request.</summary>
    public static List<(string Name, string Value)> Request(string method = "GET", string path = "/", string authority = "localhost", params (string Name, string Value)[] more)
        => [(":method", method), (":scheme", "http"), (":authority", authority), (":path", path), .. more];

    /// <summary>Preface and a SETTINGS frame that turns the server's dynamic HPACK table off.</summary>
    public Task GreetAsync()
    {
        byte[] settings = [0, 1, 0, 0, 0, 0];
        return SendAsync([.. Preface, .. Frame(Http2FrameType.Settings, 0, 0, settings)]);
    }

    public Task SendAsync(byte[] octets) => connection.SendAsync(octets);

    public Task SendFrameAsync(Http2FrameType type, byte flags, int stream, params byte[] payload) => SendAsync(Frame(type, flags, stream, payload));

    public Task SendHeadersAsync(int stream, IEnumerable<(string Name, string Value)> fields, bool endStream = true)
        => SendFrameAsync(Http2FrameType.Headers, (byte)(Http2Frame.EndHeaders | (endStream ? Http2Frame.EndStream : 0)), stream, PlainHpack.Encode(fields));

    public Task SendDataAsync(int stream, byte[] data, bool endStream = false)
        => SendFrameAsync(Http2FrameType.Data, endStream ? Http2Frame.EndStream : (byte)0, stream, data);

    public static byte[] Frame(Http2FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = (byte)type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    /// <summary>The next frame, or null at the end of the connection.</summary>
    public async Task<Http2Frame?> ReadFrameAsync()
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var head = new byte[9];
        try
        {
            await connection.Stream.ReadExactlyAsync(head, patience.Token);
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >>> 8];
            await connection.Stream.ReadExactlyAsync(payload, patience.Token);
            return new Http2Frame((Http2FrameType)head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue, payload);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The answer to a stream; acknowledges SETTINGS and PING on the way and skips other streams.</summary>
    public async Task<Http2Reply> ReadReplyAsync(int stream)
    {
        var reply = new Http2Reply();
        var block = new List<byte>();
        var ends = false;
        while (true)
        {
            var frame = await ReadFrameAsync();
            if (frame is null) return reply with { Closed = true };
            switch (frame.Type)
            {
                case Http2FrameType.Settings when !frame.Has(Http2Frame.Ack):
                    await SendAnswerAsync(Frame(Http2FrameType.Settings, Http2Frame.Ack, 0, []));
                    break;
                case Http2FrameType.Ping when !frame.Has(Http2Frame.Ack):
                    await SendAnswerAsync(Frame(Http2FrameType.Ping, Http2Frame.Ack, 0, frame.Payload));
                    break;
                case Http2FrameType.GoAway:
                    return reply with { GoAway = BinaryPrimitives.ReadUInt32BigEndian(frame.Payload.AsSpan(4)) };
                case Http2FrameType.RstStream when frame.Stream == stream:
                    return reply with { Reset = BinaryPrimitives.ReadUInt32BigEndian(frame.Payload) };
                case Http2FrameType.Headers or Http2FrameType.Continuation when frame.Stream == stream:
                    block.AddRange(frame.Payload);
                    ends |= frame.Type == Http2FrameType.Headers && frame.Has(Http2Frame.EndStream);
                    if (!frame.Has(Http2Frame.EndHeaders)) break;
                    var fields = PlainHpack.Decode(block.ToArray());
                    block.Clear();
                    if (fields.Any(field => field is { Name: ":status", Value: ['1', ..] })) break;
                    reply = reply.Fields.Count == 0 ? reply with { Fields = fields } : reply with { Trailers = fields };
                    if (ends) return reply;
                    break;
                case Http2FrameType.Data when frame.Stream == stream:
                    reply = reply with { Body = [.. reply.Body, .. frame.Payload] };
                    if (frame.Has(Http2Frame.EndStream)) return reply;
                    break;
            }
        }
    }

    /// <summary>Sends a request and reads its answer.</summary>
    public async Task<Http2Reply> ExchangeAsync(int stream, IEnumerable<(string Name, string Value)> fields)
    {
        await SendHeadersAsync(stream, fields);
        return await ReadReplyAsync(stream);
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    // The server may have hung up meanwhile; what it said before is still to be read.
    private async Task SendAnswerAsync(byte[] frame)
    {
        try
        {
            await SendAsync(frame);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
        }
    }
}
