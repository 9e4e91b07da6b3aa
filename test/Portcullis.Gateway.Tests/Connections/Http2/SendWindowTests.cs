using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Tests.Connections.Http1;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http2;

/// <summary>Responses leave exactly as far as the client's windows permit, in order (RFC 9113 §5.2, §6.9).</summary>
public sealed class SendWindowTests
{
    private const int Initial = 65_535;

    [Theory]
    [InlineData(1, 40)]
    [InlineData(7, 100)]
    [InlineData(16_385, 80_000)]
    public async Task Response_goes_on_as_its_stream_opens(int window, int length)
    {
        await using var listener = await Answer.ListenAsync(context => WriteAsync(context, length, 30_000));
        await using var client = await RawHttp2Client.ConnectWithAsync(listener.EndPoint, (Http2Setting.InitialWindowSize, (uint)window));
        await client.OpenWindowAsync(0, 1 << 20);
        await client.SendHeadersAsync(1, RawHttp2Client.Request());
        var body = new List<byte>();
        for (var opened = window; ; opened += window)
        {
            var expected = Math.Min(opened, length);
            var frames = await DataAsync(client, expected - body.Count);
            Take(body, frames);
            Assert.Equal(expected, body.Count);
            Assert.Empty(Data(await client.PingAsync()));
            if (expected == length) break;
            await client.OpenWindowAsync(1, window);
        }

        Assert.Equal(Octets(0, length), body);
    }

    [Fact]
    public async Task Response_goes_on_as_the_connection_opens()
    {
        const int Length = 200_000;
        await using var listener = await Answer.ListenAsync(static context => WriteAsync(context, Length, Length));
        await using var client = await RawHttp2Client.ConnectWithAsync(listener.EndPoint, (Http2Setting.InitialWindowSize, 1 << 20));
        await client.SendHeadersAsync(1, RawHttp2Client.Request());
        var body = new List<byte>();
        Take(body, await DataAsync(client, Initial));
        foreach (var by in (int[])[1, 2, 16_384, 100_000, 1 << 20])
        {
            var before = body.Count;
            Assert.Empty(Data(await client.PingAsync()));
            await client.OpenWindowAsync(0, by);
            var expected = Math.Min(by, Length - before);
            Take(body, await DataAsync(client, expected));
            Assert.Equal(before + expected, body.Count);
        }

        Assert.Equal(Octets(0, Length), body);
    }

    /// <summary>RFC 9113 §6.9.2.</summary>
    [Fact]
    public async Task Initial_window_moves_the_windows_of_responses_that_wait_also_below_nothing()
    {
        await using var listener = await Answer.ListenAsync(static context => WriteAsync(context, 1000, 1000));
        await using var client = await RawHttp2Client.ConnectWithAsync(listener.EndPoint, (Http2Setting.InitialWindowSize, 100));
        await client.SendHeadersAsync(1, RawHttp2Client.Request());
        var body = new List<byte>();
        Take(body, await DataAsync(client, 100));

        await client.SendSettingsAsync((Http2Setting.InitialWindowSize, 50)); // -50
        await client.OpenWindowAsync(1, 50);
        Assert.Empty(Data(await client.PingAsync()));

        await client.OpenWindowAsync(1, 1);
        Take(body, await DataAsync(client, 1));
        Assert.Empty(Data(await client.PingAsync()));

        await client.SendSettingsAsync((Http2Setting.InitialWindowSize, 0)); // -50
        await client.SendSettingsAsync((Http2Setting.InitialWindowSize, 500)); // 450
        Take(body, await DataAsync(client, 450));
        Assert.Empty(Data(await client.PingAsync()));

        await client.SendSettingsAsync((Http2Setting.InitialWindowSize, 10_000));
        Take(body, await DataAsync(client, 449));
        Assert.Equal(Octets(0, 1000), body);
    }

    [Fact]
    public async Task Streams_that_follow_begin_with_the_new_initial_window()
    {
        await using var listener = await Answer.ListenAsync(static context => WriteAsync(context, 1000, 1000));
        await using var client = await RawHttp2Client.ConnectWithAsync(listener.EndPoint, (Http2Setting.InitialWindowSize, 100));
        await client.SendSettingsAsync((Http2Setting.InitialWindowSize, 300));
        await client.SendHeadersAsync(1, RawHttp2Client.Request());

        Assert.Equal(300, Data(await DataAsync(client, 300)).Sum(frame => frame.Payload.Length));
        Assert.Empty(Data(await client.PingAsync()));
    }

    [Fact]
    public async Task Head_and_end_need_no_window()
    {
        await using var listener = await Answer.ListenAsync(static context => WriteAsync(context, 0, 1));
        await using var client = await RawHttp2Client.ConnectWithAsync(listener.EndPoint, (Http2Setting.InitialWindowSize, 0));

        Assert.Equal(200, (await client.ExchangeAsync(1, RawHttp2Client.Request())).Status);
    }

    [Fact]
    public async Task Trailers_need_no_window_but_wait_for_the_body()
    {
        await using var listener = await Answer.ListenAsync(static async context =>
        {
            context.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers["X-Check"] = "sum";
            await context.FlushAsync("body");
        });
        await using var client = await RawHttp2Client.ConnectWithAsync(listener.EndPoint, (Http2Setting.InitialWindowSize, 3));
        await client.SendHeadersAsync(1, RawHttp2Client.Request());
        Assert.Single(Data(await DataAsync(client, 3)));
        Assert.Empty(await client.PingAsync());

        await client.OpenWindowAsync(1, 1);
        var frames = await client.ReadStreamAsync(1);
        Assert.Equal(["Data/0 of 1, 1 octets", "Headers/5 of 1"], frames.Select(frame => frame.Type == Http2FrameType.Data ? $"{frame}" : $"{frame.Type}/{frame.Flags:x} of {frame.Stream}"));
    }

    [Fact]
    public async Task Streams_share_the_connections_window_in_turns()
    {
        const int Length = 256 * 1024;
        int[] streams = [1, 3, 5, 7];
        await using var listener = await Answer.ListenAsync(static context => WriteAsync(context, Length, 32 * 1024));
        await using var client = await RawHttp2Client.ConnectWithAsync(listener.EndPoint, (Http2Setting.InitialWindowSize, 1 << 20));
        foreach (var stream in streams) await client.SendHeadersAsync(stream, RawHttp2Client.Request());
        var bodies = streams.ToDictionary(stream => stream, _ => new List<byte>());
        for (var opened = Initial; ; opened += 16_384)
        {
            foreach (var frame in await DataAsync(client, Math.Min(opened, 4 * Length) - bodies.Values.Sum(body => body.Count)))
            {
                if (frame.Type == Http2FrameType.Data) bodies[frame.Stream].AddRange(frame.Payload);
            }

            // One may have got what there was at first.
            if (opened < 3 * Length) Assert.InRange(bodies.Values.Max(body => body.Count) - bodies.Values.Min(body => body.Count), 0, Initial + (2 * 16_384));
            if (opened >= 4 * Length) break;
            await client.OpenWindowAsync(0, 16_384);
        }

        foreach (var body in bodies.Values) Assert.Equal(Octets(0, Length), body);
    }

    [Fact]
    public async Task Stream_that_waits_for_its_own_window_holds_up_no_other()
    {
        await using var listener = await Answer.ListenAsync(static context => WriteAsync(context, 30_000, 10_000));
        await using var client = await RawHttp2Client.ConnectWithAsync(listener.EndPoint, (Http2Setting.InitialWindowSize, 10));
        await client.SendHeadersAsync(1, RawHttp2Client.Request());
        await client.SendHeadersAsync(3, RawHttp2Client.Request());
        await client.OpenWindowAsync(3, 30_000);

        Assert.Equal(Octets(0, 30_000), (await client.ReadReplyAsync(3)).Body);
    }

    [Fact]
    public async Task Window_that_a_reset_stream_waited_for_goes_to_the_others()
    {
        await using var listener = await Answer.ListenAsync(static context => WriteAsync(context, 100_000, 10_000));
        await using var client = await RawHttp2Client.ConnectWithAsync(listener.EndPoint, (Http2Setting.InitialWindowSize, 1 << 20));
        await client.SendHeadersAsync(1, RawHttp2Client.Request());
        Assert.All(Data(await DataAsync(client, Initial)), frame => Assert.Equal(1, frame.Stream));
        await client.SendHeadersAsync(3, RawHttp2Client.Request());
        await client.ResetAsync(1);
        await client.OpenWindowAsync(0, 100_000);

        Assert.Equal(Octets(0, 100_000), (await client.ReadReplyAsync(3)).Body);
    }

    [Fact]
    public async Task Frames_are_no_larger_than_usual_whatever_the_client_takes()
    {
        await using var listener = await Answer.ListenAsync(static context => WriteAsync(context, 60_000, 60_000));
        await using var client = await RawHttp2Client.ConnectWithAsync(listener.EndPoint, (Http2Setting.MaxFrameSize, 1 << 20));
        await client.SendHeadersAsync(1, RawHttp2Client.Request());
        var frames = Data(await client.ReadStreamAsync(1));

        Assert.Equal(60_000, frames.Sum(frame => frame.Payload.Length));
        Assert.All(frames, frame => Assert.InRange(frame.Payload.Length, 0, 16_384));
    }

    /// <summary>Frames up to so many octets of DATA, of all streams together.</summary>
    private static async Task<List<Http2Frame>> DataAsync(RawHttp2Client client, int octets)
    {
        if (octets == 0) return [];
        var left = octets;
        var frames = await client.ReadUntilAsync(frame => frame.Type == Http2FrameType.Data && (left -= frame.Payload.Length) <= 0);
        Assert.Equal(0, left);
        return frames;
    }

    private static List<Http2Frame> Data(List<Http2Frame> frames) => [.. frames.Where(frame => frame is { Type: Http2FrameType.Data, Payload.Length: > 0 })];

    private static void Take(List<byte> body, List<Http2Frame> frames)
    {
        foreach (var frame in Data(frames)) body.AddRange(frame.Payload);
    }

    private static byte[] Octets(int from, int length) => [.. Enumerable.Range(from, length).Select(i => (byte)(i % 251))];

    private static async Task WriteAsync(IFeatureCollection context, int length, int piece)
    {
        var writer = context.Writer();
        for (var at = 0; at < length; at += piece) await writer.WriteAsync(Octets(at, Math.Min(piece, length - at)));
    }
}
