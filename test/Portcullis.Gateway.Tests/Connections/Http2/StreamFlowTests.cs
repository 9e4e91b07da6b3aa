using System.Buffers.Binary;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http2;

/// <summary>What streams send and take, however little the client lets them, and what is counted of it.</summary>
public sealed class StreamFlowTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(5)]
    [InlineData(0)]
    public async Task What_the_windows_permit_leaves_at_once_though_the_rest_must_wait(byte window)
    {
        var application = new EchoApplication
        {
            Handler = static async context =>
            {
                // Goes on where nobody else sends anything.
                await Task.Delay(50);
                await context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(new byte[10]);
            },
        };

        // No least rate: nobody ends what is forgotten.
        var options = TestListener.Plain with { Limits = new ListenerLimits { MinimumResponseRate = 0 } };
        await using var listener = await TestListener.StartAsync(options, application);
        await using var client = await ConnectAsync(listener, window);
        await client.SendHeadersAsync(1, RawHttp2Client.Request());

        Assert.Equal(1, (await NextAsync(client, Http2FrameType.Headers).WaitAsync(Soon)).Stream);
        if (window > 0) Assert.Equal(window, (await NextAsync(client, Http2FrameType.Data).WaitAsync(Soon)).Payload.Length);
    }

    [Fact]
    public async Task Client_is_given_no_more_room_than_it_has_used()
    {
        const int Piece = 16 * 1024;
        const int Streams = 100;
        var application = new EchoApplication
        {
            Handler = static async context =>
            {
                // Answers as soon as it has seen a first piece: within the reading of the frame.
                await context.GetRequiredFeature<IRequestBodyPipeFeature>().Reader.ReadAsync();
                context.GetRequiredFeature<IHttpResponseFeature>().StatusCode = 403;
            },
        };
        await using var listener = await TestListener.StartAsync(TestListener.Plain, application);
        await using var client = await ConnectAsync(listener);
        var given = 0L;
        for (var i = 0; i < Streams; i++)
        {
            var stream = (2 * i) + 1;
            await client.SendHeadersAsync(stream, RawHttp2Client.Request("POST"), endStream: false);
            await Eventually.HoldsAsync(() => application.Requests > i, "the request is served");
            await Task.Delay(1);
            await client.SendDataAsync(stream, new byte[Piece]);
            while (await client.ReadFrameAsync() is { } frame)
            {
                if (frame is { Type: Http2FrameType.WindowUpdate, Stream: 0 }) given += BinaryPrimitives.ReadInt32BigEndian(frame.Payload);
                if (frame.Stream == stream && (frame.Flags & Http2Frame.EndStream) != 0) break;
            }

            await client.SendDataAsync(stream, [], endStream: true);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{given} octets given for {Streams * Piece}");
        Assert.InRange(given, 0, Streams * Piece);
    }

    [Fact]
    public async Task Stream_that_was_reset_is_sent_nothing_more_and_counts_once()
    {
        const int Most = 2;
        var options = TestListener.Plain with { Limits = new ListenerLimits { Http2 = new Http2Limits { MaxStreams = Most } } };
        var application = new EchoApplication { Handler = static context => EchoApplication.AnswerAsync(context, "0123456789") };
        await using var listener = await TestListener.StartAsync(options, application);
        await using var client = await ConnectAsync(listener, window: 0);
        var stream = 1;
        for (var i = 0; i < 20; i++, stream += 2)
        {
            await client.SendHeadersAsync(stream, RawHttp2Client.Request());
            while (await client.ReadFrameAsync() is { } first && !(first.Type is Http2FrameType.Headers or Http2FrameType.RstStream && first.Stream == stream))
            {
            }

            // The one right behind the other: before whoever waits has heard of the reset.
            await client.SendAsync([
                .. RawHttp2Client.Frame(Http2FrameType.RstStream, 0, stream, [0, 0, 0, 8]),
                .. RawHttp2Client.Frame(Http2FrameType.WindowUpdate, 0, stream, [0, 0, 1, 0]),
                .. RawHttp2Client.Frame(Http2FrameType.Ping, 0, 0, new byte[8])]);
            while (await client.ReadFrameAsync() is { Type: not Http2FrameType.Ping } frame) Assert.NotEqual(Http2FrameType.Data, frame.Type);
        }

        // Those that were reset have ended by then.
        await Task.Delay(500);
        for (var i = 0; i <= Most; i++, stream += 2) await client.SendHeadersAsync(stream, RawHttp2Client.Request());
        Assert.Equal(stream - 2, (await NextAsync(client, Http2FrameType.RstStream).WaitAsync(Soon)).Stream);
    }

    [Fact]
    public async Task Connection_counts_until_its_requests_have_ended()
    {
        var begun = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        var application = new EchoApplication
        {
            Handler = async _ =>
            {
                begun.SetResult();
                await end.Task;
            },
        };
        await using var listener = await TestListener.StartAsync(TestListener.Plain, application);
        var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request());
        await begun.Task.WithPatience();
        await client.DisposeAsync();

        await Task.Delay(500);
        try
        {
            Assert.Equal(1, listener.Counters.Open);
        }
        finally
        {
            end.SetResult();
        }

        await Eventually.HoldsAsync(() => listener.Counters.Open == 0, "the connection ends");
    }

    [Fact]
    public async Task Goaway_is_heard_once()
    {
        var end = new TaskCompletionSource();
        await using var listener = await TestListener.StartAsync(TestListener.Plain, new EchoApplication { Handler = _ => end.Task });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request());
        var closed = ReadToEndAsync(client);
        var frames = Enumerable.Repeat(RawHttp2Client.Frame(Http2FrameType.GoAway, 0, 0, new byte[8]), 500).SelectMany(static frame => frame).ToArray();
        try
        {
            for (var i = 0; i < 20 && !closed.IsCompleted; i++)
            {
                await client.SendAsync(frames);
                await Task.Delay(5);
            }
        }
        catch (IOException)
        {
        }

        var first = await Task.WhenAny(closed, Task.Delay(2000));
        end.SetResult();
        Assert.Same(closed, first);
    }

    [Fact]
    public async Task Trailer_section_of_many_fields_is_refused_before_it_costs_much()
    {
        const int Streams = 50;
        var statuses = new List<int>();
        await using var listener = await TestListener.StartAsync(TestListener.Plain);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);

        // A field of the dynamic table, then the same again and again: an octet each (RFC 7541 §6.1).
        byte[] trailers = [0x40, 1, (byte)'a', 1, (byte)'b', .. Enumerable.Repeat((byte)0xBE, 900)];
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var time = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < Streams; i++)
        {
            var stream = (2 * i) + 1;
            await client.SendHeadersAsync(stream, RawHttp2Client.Request("POST"), endStream: false);
            await client.SendFrameAsync(Http2FrameType.Headers, Http2Frame.EndHeaders | Http2Frame.EndStream, stream, trailers);
            statuses.Add((await client.ReadReplyAsync(stream)).Status);
        }

        var each = (GC.GetTotalAllocatedBytes(precise: true) - before) / Streams;
        TestContext.Current.TestOutputHelper?.WriteLine($"{each} octets allocated and {time.Elapsed.TotalMilliseconds / Streams} ms for each of {trailers.Length} octets; {statuses[0]}");
        Assert.InRange(each, 0, 200_000);
    }

    [Fact]
    public async Task Tunnel_whose_client_takes_nothing_can_be_given_up()
    {
        var given = new TaskCompletionSource();
        var application = new EchoApplication
        {
            Handler = async context =>
            {
                await using var tunnel = await context.GetRequiredFeature<IHttpExtendedConnectFeature>().AcceptAsync();
                using var patience = new CancellationTokenSource(500);
                await Assert.ThrowsAnyAsync<IOException>(async () => await tunnel.WriteAsync(new byte[10], patience.Token));
                given.SetResult();
            },
        };
        var options = TestListener.Plain with { Limits = new ListenerLimits { MinimumResponseRate = 0 } };
        await using var listener = await TestListener.StartAsync(options, application);
        await using var client = await ConnectAsync(listener, window: 0);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("CONNECT", more: []).Prepend((":protocol", "websocket")), endStream: false);
        await given.Task.WaitAsync(Soon);
    }

    [Fact]
    public async Task Response_that_waits_behind_another_is_not_late()
    {
        const int Large = 10;
        var clock = new ManualTimeProvider();
        var application = new EchoApplication
        {
            Handler = static async context =>
            {
                if (context.GetRequiredPath() == "/small")
                {
                    await EchoApplication.AnswerAsync(context, "small");
                    return;
                }

                var writer = context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
                for (var i = 0; i < 16 * 1024; i++)
                {
                    if ((await writer.WriteAsync(new byte[16 * 1024])).IsCompleted) return;
                }
            },
        };
        await using var listener = await TestListener.StartAsync(TestListener.Plain, application, TestListener.Services with { Time = clock });
        await using var client = await ConnectAsync(listener);
        await client.SendFrameAsync(Http2FrameType.Settings, 0, 0, 0, 4, 0x7F, 0xFF, 0xFF, 0xFF);
        await client.SendFrameAsync(Http2FrameType.WindowUpdate, 0, 0, 0x7F, 0, 0, 0);
        for (var stream = 1; stream < 2 * Large; stream += 2) await client.SendHeadersAsync(stream, RawHttp2Client.Request(path: "/large"));
        await Task.Delay(1000); // The system takes what it takes, and then no more.
        await client.SendHeadersAsync((2 * Large) + 1, RawHttp2Client.Request(path: "/small"));
        await Eventually.HoldsAsync(() => application.Requests == Large + 1, "all are served");
        await Task.Delay(200);

        // Six seconds, in which a client at the least rate takes far less than what lies before the small one.
        for (var i = 0; i < 7; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(50);
        }

        Assert.Equal("small", (await client.ReadReplyAsync((2 * Large) + 1)).Text);
    }

    private static async Task<RawHttp2Client> ConnectAsync(Listener listener, byte? window = null)
    {
        var client = await RawHttp2Client.ConnectAsync(listener.EndPoint, greet: false);
        byte[] settings = [0, 1, 0, 0, 0, 0];
        if (window is { } initial) settings = [.. settings, 0, 4, 0, 0, 0, initial];
        await client.SendAsync([.. RawHttp2Client.Preface, .. RawHttp2Client.Frame(Http2FrameType.Settings, 0, 0, settings)]);
        while (await client.ReadFrameAsync() is { } frame && !(frame.Type == Http2FrameType.Settings && frame.Has(Http2Frame.Ack)))
        {
        }

        return client;
    }

    private static async Task<Http2Frame> NextAsync(RawHttp2Client client, Http2FrameType type)
    {
        while (true)
        {
            var frame = await client.ReadFrameAsync();
            Assert.NotNull(frame);
            if (frame.Type == type) return frame;
        }
    }

    private static async Task ReadToEndAsync(RawHttp2Client client)
    {
        while (await client.ReadFrameAsync() is not null)
        {
        }
    }
}
