using System.Buffers.Binary;
using Portcullis.Gateway.Tests.Forwarding;

namespace Portcullis.Gateway.Tests.Http2;

/// <summary>One connection of an HTTP/2 upstream that obeys only its test.</summary>
internal sealed class RawHttp2Upstream(RawUpstreamConnection connection)
{
    /// <summary>An upstream that greets, and answers each request by the frames that the test sends.</summary>
    /// <param name="answer">Gets the connection and the number of the request's stream, once its header fields have come.</param>
    public static RawUpstream Start(Func<RawHttp2Upstream, int, Task> answer) => RawUpstream.Start(async (connection, preface) =>
    {
        // The client's preface reads as the head of a request: PRI * HTTP/2.0, CRLF CRLF, and then SM CRLF CRLF.
        Assert.StartsWith("PRI * HTTP/2.0\r\n", preface, StringComparison.Ordinal);
        var peer = new RawHttp2Upstream(connection);
        await connection.Stream.ReadExactlyAsync(new byte[6]);
        await peer.SendAsync(Http2FrameType.Settings, 0, 0);
        while (await peer.ReadFrameAsync() is { } frame)
        {
            if (frame.Type == Http2FrameType.Settings && !frame.Has(Http2Frame.Ack)) await peer.SendAsync(Http2FrameType.Settings, Http2Frame.Ack, 0);
            if (frame.Type == Http2FrameType.Headers) await answer(peer, frame.Stream);
        }
    });

    public RawUpstreamConnection Connection => connection;

    public Task SendAsync(Http2FrameType type, byte flags, int stream, params byte[] payload) => connection.Stream.WriteAsync(RawHttp2Client.Frame(type, flags, stream, payload)).AsTask();

    public Task SendHeadAsync(int stream, bool endStream = false, params (string Name, string Value)[] fields)
        => SendAsync(Http2FrameType.Headers, (byte)(Http2Frame.EndHeaders | (endStream ? Http2Frame.EndStream : 0)), stream, PlainHpack.Encode(fields));

    public Task SendDataAsync(int stream, int length, bool endStream = false) => SendAsync(Http2FrameType.Data, endStream ? Http2Frame.EndStream : (byte)0, stream, new byte[length]);

    public Task ResetAsync(int stream, uint code)
    {
        var payload = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(payload, code);
        return SendAsync(Http2FrameType.RstStream, 0, stream, payload);
    }

    public Task GoAwayAsync(int last, uint code)
    {
        var payload = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(payload, last);
        BinaryPrimitives.WriteUInt32BigEndian(payload.AsSpan(4), code);
        return SendAsync(Http2FrameType.GoAway, 0, 0, payload);
    }

    /// <summary>The next frame; null at the end of the connection.</summary>
    private async Task<Http2Frame?> ReadFrameAsync()
    {
        var head = new byte[9];
        if (await connection.Stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false) < head.Length) return null;
        var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >>> 8];
        await connection.Stream.ReadExactlyAsync(payload);
        return new Http2Frame((Http2FrameType)head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue, payload);
    }
}
