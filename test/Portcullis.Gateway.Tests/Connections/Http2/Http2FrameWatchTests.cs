using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http2;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http2;

public sealed class Http2FrameWatchTests
{
    private static readonly Http2Limits Limits = new() { Resets = 10, ControlFrames = 20, EmptyFrames = 5 };

    private readonly ManualTimeProvider clock = new();
    private readonly Http2FrameWatch watch;

    public Http2FrameWatchTests()
    {
        watch = new Http2FrameWatch(clock);
        watch.Scan(RawHttp2Client.Preface);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(1000)]
    public void Frames_are_counted_however_they_are_cut(int piece)
    {
        var octets = new List<byte>();
        for (var i = 0; i < 6; i++)
        {
            octets.AddRange(RawHttp2Client.Frame(Http2FrameType.Headers, Http2Frame.EndHeaders, 1, new byte[50]));
            octets.AddRange(RawHttp2Client.Frame(Http2FrameType.Data, 0, 1, new byte[300]));
        }

        octets.AddRange(Enumerable.Repeat(RawHttp2Client.Frame(Http2FrameType.Data, 0, 1, []), 11).SelectMany(frame => frame));
        foreach (var part in octets.Chunk(piece)) watch.Scan(part);
        Assert.Null(watch.FindFlood(Limits)); // five, and one for each of the six requests

        watch.Scan(RawHttp2Client.Frame(Http2FrameType.Data, Http2Frame.Padded, 1, [4, 0, 0, 0, 0]));
        Assert.NotNull(watch.FindFlood(Limits));
    }

    [Fact]
    public void Octets_of_a_body_are_never_taken_for_frames()
    {
        var body = Enumerable.Repeat(RawHttp2Client.Frame(Http2FrameType.Ping, 0, 0, new byte[8]), 100).SelectMany(frame => frame).ToArray();
        watch.Scan(RawHttp2Client.Frame(Http2FrameType.Data, 0, 1, body));

        Assert.Null(watch.FindFlood(Limits));
    }

    [Fact]
    public void End_of_a_stream_may_be_an_empty_frame()
    {
        for (var i = 0; i < 100; i++) watch.Scan(RawHttp2Client.Frame(Http2FrameType.Data, Http2Frame.EndStream, i, []));

        Assert.Null(watch.FindFlood(Limits));
    }

    [Fact]
    public void Slow_client_starts_a_new_window_after_ten_seconds()
    {
        for (var round = 0; round < 50; round++)
        {
            for (var i = 0; i < 20; i++) watch.Scan(RawHttp2Client.Frame(Http2FrameType.Settings, 0, 0, []));
            Assert.Null(watch.FindFlood(Limits));
            clock.Advance(TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public void Client_that_resets_one_request_in_five_is_no_flood()
    {
        for (var i = 1; i < 5000; i += 2)
        {
            watch.Scan(RawHttp2Client.Frame(Http2FrameType.Headers, Http2Frame.EndHeaders, i, new byte[20]));
            if (i % 5 == 0) watch.Scan(RawHttp2Client.Frame(Http2FrameType.RstStream, 0, i, new byte[4]));
            Assert.Null(watch.FindFlood(Limits));
        }
    }

    [Fact]
    public void Pings_beside_a_download_are_earned_and_those_for_nothing_are_not()
    {
        for (var i = 0; i < 1000; i++)
        {
            watch.CountSent(17 + 200);
            watch.Scan(RawHttp2Client.Frame(Http2FrameType.Ping, 0, 0, new byte[8]));
            Assert.Null(watch.FindFlood(Limits));
        }

        var idle = new Http2FrameWatch(clock);
        idle.Scan(RawHttp2Client.Preface);
        for (var i = 0; i < 21; i++)
        {
            idle.CountSent(17);
            idle.Scan(RawHttp2Client.Frame(Http2FrameType.Ping, 0, 0, new byte[8]));
        }

        Assert.NotNull(idle.FindFlood(Limits));
    }
}
