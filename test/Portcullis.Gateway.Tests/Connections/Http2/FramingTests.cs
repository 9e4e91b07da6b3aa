using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Tests.Connections.Http1;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http2;

/// <summary>What clients say in frames is understood however it is cut, padded and interleaved (RFC 9113 §4, §6).</summary>
public sealed class FramingTests
{
    private static byte[] AllAtOnce
    {
        get
        {
            var post = PlainHpack.Encode(RawHttp2Client.Request("POST", "/cut"));
            return
            [
                .. RawHttp2Client.Preface,
                .. RawHttp2Client.Settings((Http2Setting.HeaderTableSize, 0)),
                .. RawHttp2Client.Frame(Http2FrameType.Headers, Http2Frame.Padded | Http2Frame.Priority, 1, [7, 0, 0, 0, 0, 15, .. post.AsSpan(0, 5), .. new byte[7]]),
                .. RawHttp2Client.Frame(Http2FrameType.Continuation, 0, 1, post.AsSpan(5, 1)),
                .. RawHttp2Client.Frame(Http2FrameType.Continuation, 0, 1, []),
                .. RawHttp2Client.Frame(Http2FrameType.Continuation, Http2Frame.EndHeaders, 1, post.AsSpan(6)),
                .. RawHttp2Client.Frame(Http2FrameType.Data, Http2Frame.Padded, 1, [9, .. "in pieces, "u8, .. new byte[9]]),
                .. RawHttp2Client.Headers(3, RawHttp2Client.Request(path: "/between")),
                .. RawHttp2Client.Frame((Http2FrameType)0x77, 0xff, 1, new byte[100]),
                .. RawHttp2Client.Frame(Http2FrameType.Data, Http2Frame.Padded, 1, [255, .. "padded"u8, .. new byte[255]]),
                .. RawHttp2Client.Frame(Http2FrameType.Data, Http2Frame.Padded, 1, [0, .. " and whole"u8]),
                .. RawHttp2Client.Data(1, [], endStream: true),
            ];
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(1000)]
    public async Task Pieces_are_understood_as_the_whole(int size)
    {
        await using var listener = await Answer.ListenAsync(RepeatAsync);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint, greet: false);
        await client.SendInPiecesAsync(AllAtOnce, size);

        var replies = await client.ReadRepliesAsync(1, 3);
        Assert.Equal("POST /cut in pieces, padded and whole", replies[0].Text);
        Assert.Equal("GET /between ", replies[1].Text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16384)]
    [InlineData(300_000)]
    public async Task Body_arrives_as_it_was_sent_whatever_frames_it_comes_in(int length)
    {
        await using var listener = await Answer.ListenAsync(RepeatAsync);
        await using var client = await RawHttp2Client.ConnectWithAsync(listener.EndPoint, (Http2Setting.InitialWindowSize, 1 << 24));
        await client.OpenWindowAsync(0, 1 << 24);
        var body = new byte[length];
        for (var i = 0; i < length; i++) body[i] = (byte)('a' + (i % 23));
        var stream = 1;
        foreach (var (frame, padding) in ((int, int)[])[(16384, 0), (1000, 0), (16384, 200), (4000, 0)])
        {
            await client.SendHeadersAsync(stream, RawHttp2Client.Request("POST", "/"), endStream: false);
            foreach (var part in body.Chunk(frame - (padding == 0 ? 0 : padding + 1)))
            {
                if (padding == 0) await client.SendDataAsync(stream, part);
                else await client.SendFrameAsync(Http2FrameType.Data, Http2Frame.Padded, stream, [(byte)padding, .. part, .. new byte[padding]]);
            }

            await client.SendDataAsync(stream, [], endStream: true);
            var reply = await client.ReadReplyAsync(stream);
            Assert.Equal(200, reply.Status);
            Assert.Equal("POST / " + Encoding.Latin1.GetString(body), reply.Text);
            stream += 2;
        }
    }

    [Fact]
    public async Task End_of_the_stream_may_come_with_the_last_octets()
    {
        await using var listener = await Answer.ListenAsync(RepeatAsync);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST", "/"), endStream: false);
        await client.SendFrameAsync(Http2FrameType.Data, Http2Frame.Padded | Http2Frame.EndStream, 1, [3, .. "last"u8, 0, 0, 0]);

        Assert.Equal("POST / last", (await client.ReadReplyAsync(1)).Text);
    }

    [Fact]
    public async Task Bodies_of_several_streams_are_kept_apart()
    {
        await using var listener = await Answer.ListenAsync(RepeatAsync);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        int[] streams = [1, 3, 5, 7, 9];
        foreach (var stream in streams) await client.SendHeadersAsync(stream, RawHttp2Client.Request("POST", $"/{stream}"), endStream: false);
        for (var round = 0; round < 20; round++)
        {
            foreach (var stream in streams) await client.SendDataAsync(stream, Encoding.ASCII.GetBytes($"{stream}"), endStream: round == 19);
        }

        var replies = await client.ReadRepliesAsync(streams);
        Assert.Equal(streams.Select(stream => $"POST /{stream} {string.Concat(Enumerable.Repeat(stream, 20))}"), replies.Select(reply => reply.Text));
    }

    [Fact]
    public async Task Requests_of_one_write_are_answered_each()
    {
        await using var listener = await Answer.ListenAsync(RepeatAsync);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        int[] streams = [.. Enumerable.Range(0, 90).Select(i => (2 * i) + 1)];
        await client.SendAsync([.. streams.SelectMany(stream => RawHttp2Client.Headers(stream, RawHttp2Client.Request(path: $"/{stream}")))]);

        Assert.Equal(streams.Select(stream => $"GET /{stream} "), (await client.ReadRepliesAsync(streams)).Select(reply => reply.Text));
    }

    [Fact]
    public async Task Ping_is_answered_with_its_own_octets()
    {
        await using var listener = await Answer.ListenAsync(RepeatAsync);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendFrameAsync(Http2FrameType.Ping, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8);
        var frames = await client.ReadUntilAsync(frame => frame.Type == Http2FrameType.Ping);

        Assert.Equal(Http2Frame.Ack, frames[^1].Flags);
        Assert.Equal(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }, frames[^1].Payload);
    }

    [Fact]
    public async Task Answer_to_a_ping_is_not_answered()
    {
        await using var listener = await Answer.ListenAsync(RepeatAsync);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendFrameAsync(Http2FrameType.Ping, Http2Frame.Ack, 0, new byte[8]);

        Assert.DoesNotContain(await client.PingAsync(), frame => frame.Type == Http2FrameType.Ping);
    }

    [Fact]
    public async Task Settings_are_told_first_and_those_of_the_client_acknowledged_each_time()
    {
        await using var listener = await Answer.ListenAsync(RepeatAsync);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendSettingsAsync((Http2Setting.MaxFrameSize, 16384), ((Http2Setting)0x4242, 7), (Http2Setting.MaxConcurrentStreams, 0));
        await client.SendSettingsAsync();
        var frames = await client.PingAsync();

        Assert.Equal((Http2FrameType.Settings, 0), (frames[0].Type, frames[0].Flags));
        Assert.Equal(3, frames.Count(frame => frame.Type == Http2FrameType.Settings && frame.Has(Http2Frame.Ack) && frame.Payload.Length == 0));
    }

    [Fact]
    public async Task What_the_server_takes_is_announced()
    {
        var limits = new ListenerLimits
        {
            HeaderBytes = 7777,
            Http2 = new Http2Limits { MaxStreams = 55, HeaderTableBytes = 2048, FrameBytes = 20_000, StreamWindowBytes = 70_000, ConnectionWindowBytes = 100_000 },
        };
        await using var listener = await Answer.ListenAsync(RepeatAsync, limits: limits);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        var frames = await client.PingAsync();

        Assert.Equal(
            RawHttp2Client.Settings(
                (Http2Setting.HeaderTableSize, 2048),
                (Http2Setting.MaxConcurrentStreams, 55),
                (Http2Setting.InitialWindowSize, 70_000),
                (Http2Setting.MaxFrameSize, 20_000),
                (Http2Setting.MaxHeaderListSize, 7777),
                (Http2Setting.EnableConnectProtocol, 1))[9..],
            frames[0].Payload);
        Assert.Equal((Http2FrameType.WindowUpdate, 0, 100_000u - 65_535), (frames[1].Type, frames[1].Stream, frames[1].Number));
    }

    [Fact]
    public async Task Frame_as_large_as_announced_is_taken()
    {
        await using var listener = await Answer.ListenAsync(RepeatAsync, limits: new ListenerLimits { Http2 = new Http2Limits { FrameBytes = 50_000 } });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST", "/"), endStream: false);
        await client.SendDataAsync(1, [.. Enumerable.Repeat((byte)'x', 50_000)], endStream: true);

        Assert.Equal("POST / " + new string('x', 50_000), (await client.ReadReplyAsync(1)).Text);
    }

    /// <summary>RFC 9113 §4.1: a recipient ignores the reserved bit; §5.5: types and flags that it does not know.</summary>
    [Fact]
    public async Task What_is_unknown_or_reserved_is_ignored()
    {
        await using var listener = await Answer.ListenAsync(RepeatAsync);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        foreach (var stream in (int[])[0, 1, 2, 99]) await client.SendFrameAsync((Http2FrameType)0xfe, 0xff, stream, new byte[stream]);
        await client.SendFrameAsync(Http2FrameType.Priority, 0, 7, 0x80, 0, 0, 3, 255);
        var request = RawHttp2Client.Frame(Http2FrameType.Headers, Http2Frame.EndHeaders | Http2Frame.EndStream | 0xd2, 1, PlainHpack.Encode(RawHttp2Client.Request()));
        request[5] |= 0x80;
        await client.SendAsync(request);

        Assert.Equal("GET / ", (await client.ReadReplyAsync(1)).Text);
    }

    [Fact]
    public async Task Requests_are_served_over_tls_too()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls, new EchoApplication { Handler = RepeatAsync });
        await using var client = await RawHttp2Client.ConnectTlsAsync(listener.EndPoint);
        var request = RawHttp2Client.Request("POST", "/").ConvertAll(field => field.Name == ":scheme" ? (field.Name, "https") : field);
        await client.SendHeadersAsync(1, request, endStream: false);
        await client.SendInPiecesAsync([.. RawHttp2Client.Data(1, "sealed "u8), .. RawHttp2Client.Data(1, "octets"u8, endStream: true)], 3);

        Assert.Equal("POST / sealed octets", (await client.ReadReplyAsync(1)).Text);
    }

    /// <summary>Answers with what came: method, target, body.</summary>
    private static async Task RepeatAsync(IFeatureCollection context)
    {
        var request = context.GetRequiredFeature<IHttpRequestFeature>();
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        await EchoApplication.AnswerAsync(context, $"{request.Method} {request.RawTarget} {Encoding.Latin1.GetString(body.ToArray())}");
    }
}
