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
    private long pings;

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

    /// <summary>Connects by prior knowledge and sends preface and SETTINGS of these values, beside a dynamic HPACK table of size 0.</summary>
    public static async Task<RawHttp2Client> ConnectWithAsync(IPEndPoint endPoint, params (Http2Setting Name, uint Value)[] settings)
    {
        var client = await ConnectAsync(endPoint, greet: false);
        await client.SendAsync([.. Preface, .. Settings([(Http2Setting.HeaderTableSize, 0), .. settings])]);
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

    /// <summary>Sends the octets in as many writes as it takes.</summary>
    public async Task SendInPiecesAsync(byte[] octets, int size)
    {
        foreach (var piece in octets.Chunk(size))
        {
            await connection.SendAsync(piece);
            await Task.Yield();
        }
    }

    public Task SendSettingsAsync(params (Http2Setting Name, uint Value)[] settings) => SendAsync(Settings(settings));

    /// <summary>Takes more of the server.</summary>
    public Task OpenWindowAsync(int stream, int by) => SendAsync(Number(Http2FrameType.WindowUpdate, stream, (uint)by));

    public Task ResetAsync(int stream, uint code = 8) => SendAsync(Number(Http2FrameType.RstStream, stream, code));

    public Task SendFrameAsync(Http2FrameType type, byte flags, int stream, params byte[] payload) => SendAsync(Frame(type, flags, stream, payload));

    public Task SendHeadersAsync(int stream, IEnumerable<(string Name, string Value)> fields, bool endStream = true)
        => SendFrameAsync(Http2FrameType.Headers, (byte)(Http2Frame.EndHeaders | (endStream ? Http2Frame.EndStream : 0)), stream, PlainHpack.Encode(fields));

    public Task SendDataAsync(int stream, byte[] data, bool endStream = false)
        => SendFrameAsync(Http2FrameType.Data, endStream ? Http2Frame.EndStream : (byte)0, stream, data);

    public static byte[] Headers(int stream, IEnumerable<(string Name, string Value)> fields, bool endStream = true)
        => Frame(Http2FrameType.Headers, (byte)(Http2Frame.EndHeaders | (endStream ? Http2Frame.EndStream : 0)), stream, PlainHpack.Encode(fields));

    public static byte[] Data(int stream, ReadOnlySpan<byte> data, bool endStream = false) => Frame(Http2FrameType.Data, endStream ? Http2Frame.EndStream : (byte)0, stream, data);

    public static byte[] Settings(params (Http2Setting Name, uint Value)[] settings)
    {
        var payload = new byte[settings.Length * 6];
        for (var i = 0; i < settings.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(i * 6), (ushort)settings[i].Name);
            BinaryPrimitives.WriteUInt32BigEndian(payload.AsSpan((i * 6) + 2), settings[i].Value);
        }

        return Frame(Http2FrameType.Settings, 0, 0, payload);
    }

    /// <summary>A frame whose payload is one number of four octets.</summary>
    public static byte[] Number(Http2FrameType type, int stream, uint number)
    {
        var payload = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(payload, number);
        return Frame(type, 0, stream, payload);
    }

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

    /// <summary>All frames up to one that is waited for, itself included.</summary>
    public async Task<List<Http2Frame>> ReadUntilAsync(Predicate<Http2Frame> isLast)
    {
        var frames = new List<Http2Frame>();
        do
        {
            var frame = await ReadFrameAsync();
            Assert.True(frame is not null, $"the connection ended behind {string.Join(", ", frames)}");
            frames.Add(frame);
        }
        while (!isLast(frames[^1]));
        return frames;
    }

    /// <summary>All frames of a stream up to its end.</summary>
    public async Task<List<Http2Frame>> ReadStreamAsync(int stream)
        => [.. (await ReadUntilAsync(frame => frame.Stream == stream && frame.EndsStream)).Where(frame => frame.Stream == stream)];

    /// <summary>All frames up to the end of the connection.</summary>
    public async Task<List<Http2Frame>> ReadToEndAsync()
    {
        var frames = new List<Http2Frame>();
        while (await ReadFrameAsync() is { } frame) frames.Add(frame);
        return frames;
    }

    /// <summary>Asks for a sign of life: what was sent before has been read. Returns the frames that came before it.</summary>
    public async Task<List<Http2Frame>> PingAsync()
    {
        var mark = BitConverter.GetBytes(++pings);
        await SendFrameAsync(Http2FrameType.Ping, 0, 0, mark);
        var frames = await ReadUntilAsync(frame => frame.Type == Http2FrameType.Ping && frame.Has(Http2Frame.Ack) && frame.Payload.AsSpan().SequenceEqual(mark));
        return frames[..^1];
    }

    /// <summary>The answer to a stream; acknowledges SETTINGS and PING on the way and skips other streams.</summary>
    public async Task<Http2Reply> ReadReplyAsync(int stream) => (await ReadRepliesAsync(stream))[0];

    /// <summary>The answers to streams, in their order; what ends the connection ends them all.</summary>
    public async Task<Http2Reply[]> ReadRepliesAsync(params int[] streams)
    {
        var readers = streams.ToDictionary(stream => stream, _ => new ReplyReader());
        while (readers.Values.Any(reader => !reader.IsOver))
        {
            var frame = await ReadFrameAsync();
            switch (frame)
            {
                case { Type: Http2FrameType.Settings or Http2FrameType.Ping } when !frame.Has(Http2Frame.Ack):
                    await SendAnswerAsync(Frame(frame.Type, Http2Frame.Ack, 0, frame.Type == Http2FrameType.Ping ? frame.Payload : []));
                    break;
                case null or { Type: Http2FrameType.GoAway }:
                    foreach (var reader in readers.Values) reader.TakeEnd(frame);
                    break;
                default:
                    if (readers.TryGetValue(frame.Stream, out var taker)) taker.Take(frame);
                    break;
            }
        }

        return [.. streams.Select(stream => readers[stream].Reply)];
    }

    /// <summary>Sends a request and reads its answer.</summary>
    public async Task<Http2Reply> ExchangeAsync(int stream, IEnumerable<(string Name, string Value)> fields)
    {
        await SendHeadersAsync(stream, fields);
        return await ReadReplyAsync(stream);
    }

    /// <summary>Ends the connection in the middle of whatever there is.</summary>
    public void Cut() => connection.Socket.Close(0);

    public void EndSending() => connection.EndSending();

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
