using System.Buffers.Binary;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http2;

/// <summary>What an HTTP/2 client may ask for and how long it may take; whoever wants more is cut, and nothing of it reaches the application.</summary>
public sealed class Http2LimitTests
{
    private const uint RefusedStream = 7;

    [Fact]
    public async Task Stream_beyond_the_limit_is_refused_and_the_others_go_on()
    {
        var application = new EchoApplication();
        await using var listener = await StartAsync(new ListenerLimits { Http2 = new Http2Limits { MaxStreams = 2 } }, application);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        foreach (var stream in (int[])[1, 3, 5]) await client.SendHeadersAsync(stream, RawHttp2Client.Request("POST"), endStream: false);

        Assert.Equal(RefusedStream, (await client.ReadReplyAsync(5)).Reset);
        await client.SendDataAsync(1, "abc"u8.ToArray(), endStream: true);
        Assert.Equal(200, (await client.ReadReplyAsync(1)).Status);
        Assert.Equal(2, application.Requests);
    }

    [Fact]
    public async Task Limit_of_streams_is_announced()
    {
        await using var listener = await StartAsync(new ListenerLimits { Http2 = new Http2Limits { MaxStreams = 2 } });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        var settings = await client.ReadFrameAsync();

        Assert.Equal(Http2FrameType.Settings, settings!.Type);
        var values = settings.Payload.Chunk(6).ToDictionary(each => BinaryPrimitives.ReadUInt16BigEndian(each), each => BinaryPrimitives.ReadUInt32BigEndian(each.AsSpan(2)));
        Assert.Equal(2u, values[3]);
    }

    public static TheoryData<string> Excesses => ["one long field", "many fields", "fields over several frames", "long path", "long query"];

    [Theory]
    [MemberData(nameof(Excesses))]
    public async Task Head_beyond_the_limits_reaches_nobody(string excess)
    {
        var application = new EchoApplication();
        await using var listener = await StartAsync(new ListenerLimits { HeaderBytes = 2048, HeaderCount = 20, RequestLineBytes = 1024 }, application);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        var text = new string('x', 3000);
        var request = excess switch
        {
            "one long field" => RawHttp2Client.Request(more: [("x", text)]),
            "many fields" => RawHttp2Client.Request(more: [.. Enumerable.Range(0, 30).Select(i => ($"x-{i}", "y"))]),
            "fields over several frames" => RawHttp2Client.Request(more: [.. Enumerable.Range(0, 15).Select(i => ($"x-{i}", text[..200]))]),
            "long path" => RawHttp2Client.Request(path: "/" + text[..1500]),
            _ => RawHttp2Client.Request(path: "/?q=" + text[..1500]),
        };
        var block = PlainHpack.Encode(request);
        var isSplit = excess == "fields over several frames";
        var first = isSplit ? block[..1000] : block;
        await client.SendFrameAsync(Http2FrameType.Headers, (byte)(Http2Frame.EndStream | (isSplit ? 0 : Http2Frame.EndHeaders)), 1, first);
        if (isSplit) await client.SendFrameAsync(Http2FrameType.Continuation, Http2Frame.EndHeaders, 1, block[1000..]);

        var reply = await client.ReadReplyAsync(1);
        Assert.True(reply.IsCut || reply.Status is 414 or 431, reply.ToString());
        Assert.Equal(0, application.Requests);
    }

    [Fact]
    public async Task Head_within_the_limits_is_served()
    {
        await using var listener = await StartAsync(new ListenerLimits { HeaderBytes = 2048, HeaderCount = 20, RequestLineBytes = 1024 });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);

        var reply = await client.ExchangeAsync(1, RawHttp2Client.Request(path: "/" + new string('x', 900), more: [.. Enumerable.Range(0, 12).Select(i => ($"x-{i}", "y"))]));
        Assert.Equal(200, reply.Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Head_that_never_ends_ends_the_connection(bool isContinued)
    {
        var application = new EchoApplication();
        await using var listener = await StartAsync(new ListenerLimits { HeaderTimeout = TimeSpan.FromMilliseconds(500) }, application);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendFrameAsync(Http2FrameType.Headers, Http2Frame.EndStream, 1, PlainHpack.Encode(RawHttp2Client.Request()));
        if (isContinued) await client.SendFrameAsync(Http2FrameType.Continuation, 0, 1, PlainHpack.Encode([("x", "y")]));

        Assert.True((await client.ReadReplyAsync(1)).IsCut);
        Assert.Equal(0, application.Requests);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(4, 0)]
    public async Task Client_that_opens_no_window_for_its_response_is_cut(byte high, byte low)
    {
        var gone = new TaskCompletionSource();
        var application = new EchoApplication { Handler = context => WriteForEverAsync(context, gone) };
        await using var listener = await StartAsync(new ListenerLimits { MinimumResponseRate = 1 << 20 }, application);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint, greet: false);

        // SETTINGS_INITIAL_WINDOW_SIZE, and a dynamic table of size 0.
        byte[] settings = [0, 1, 0, 0, 0, 0, 0, 4, 0, 0, high, low];
        await client.SendAsync([.. RawHttp2Client.Preface, .. RawHttp2Client.Frame(Http2FrameType.Settings, 0, 0, settings)]);
        await client.SendHeadersAsync(1, RawHttp2Client.Request());

        Assert.True((await client.ReadReplyAsync(1)).IsCut);
        await gone.Task.WaitAsync(Eventually.Patience);
    }

    [Fact]
    public async Task Client_of_http1_that_reads_nothing_is_cut()
    {
        var gone = new TaskCompletionSource();
        var application = new EchoApplication { Handler = context => WriteForEverAsync(context, gone) };
        await using var listener = await StartAsync(new ListenerLimits { MinimumResponseRate = 1 << 20 }, application);
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        await gone.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await ConnectionGateTests.UntilAsync(() => listener.Counters.Open == 0);
    }

    private static Task<Listener> StartAsync(ListenerLimits limits, EchoApplication? application = null)
        => TestListener.StartAsync(TestListener.Plain with { Limits = limits }, application);

    private static async Task WriteForEverAsync(IFeatureCollection context, TaskCompletionSource gone)
    {
        var aborted = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        await using var registration = aborted.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), gone);
        var writer = context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
        var octets = new byte[16 * 1024];
        while (!aborted.IsCancellationRequested) await writer.WriteAsync(octets, aborted);
    }
}
