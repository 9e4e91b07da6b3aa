using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Tests.Connections.Http1;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http2;

/// <summary>How long a client of HTTP/2 is waited for, on a clock that the test moves.</summary>
public sealed class Http2DeadlineTests
{
    private static readonly TimeSpan Sweep = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Never = TimeSpan.FromHours(24);

    private readonly ManualTimeProvider time = new();

    [Fact]
    public async Task Idle_connection_is_told_to_go_and_ends()
    {
        await using var listener = await ListenAsync(new ListenerLimits { KeepAliveTimeout = TimeSpan.FromSeconds(20) });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        Assert.Equal(200, (await client.ExchangeAsync(1, RawHttp2Client.Request())).Status);
        await client.PingAsync();

        var (frames, after) = await OutlastAsync(client);
        Assert.Equal((Http2FrameType.GoAway, 0u), (frames[^1].Type, frames[^1].Number));
        Assert.Equal(1, LastOf(frames[^1]));
        Assert.InRange(after, TimeSpan.FromSeconds(19), TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task Connection_with_a_request_under_way_is_not_idle()
    {
        var gate = new TaskCompletionSource();
        await using var listener = await ListenAsync(new ListenerLimits { KeepAliveTimeout = TimeSpan.FromSeconds(20) }, _ => gate.Task);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request());
        await client.PingAsync();
        time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(await client.PingAsync());
        gate.SetResult();

        Assert.Equal(200, (await client.ReadReplyAsync(1)).Status);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(20)]
    public async Task Head_that_stops_coming_ends_the_connection(int octets)
    {
        await using var listener = await ListenAsync(new ListenerLimits { KeepAliveTimeout = Never, HeaderTimeout = TimeSpan.FromSeconds(10) });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.PingAsync();
        await client.SendAsync(RawHttp2Client.Headers(1, RawHttp2Client.Request())[..octets]);

        var (frames, after) = await OutlastAsync(client);
        Assert.Equal((Http2FrameType.GoAway, 1u), (frames[^1].Type, frames[^1].Number));
        Assert.InRange(after, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Head_that_goes_on_in_pieces_has_no_more_time_than_another()
    {
        await using var listener = await ListenAsync(new ListenerLimits { KeepAliveTimeout = Never, HeaderTimeout = TimeSpan.FromSeconds(10) });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.PingAsync();
        await client.SendFrameAsync(Http2FrameType.Headers, Http2Frame.EndStream, 1, PlainHpack.Encode(RawHttp2Client.Request()));
        var ending = client.ReadToEndAsync();
        for (var second = 0; !ending.IsCompleted; second++)
        {
            Assert.True(second < 40, "the connection goes on");
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(ending, Task.Delay(5));
            if (!ending.IsCompleted) await TrySendAsync(client, RawHttp2Client.Frame(Http2FrameType.Continuation, 0, 1, PlainHpack.Encode([("x", "y")])));
        }

        Assert.Contains(await ending, frame => frame is { Type: Http2FrameType.GoAway, Number: 1 });
    }

    [Fact]
    public async Task Body_below_the_least_rate_is_answered_408_and_the_connection_goes_on()
    {
        var reading = new TaskCompletionSource();
        await using var listener = await ListenAsync(new ListenerLimits { KeepAliveTimeout = Never, MinimumBodyRate = 100 }, async context =>
        {
            if (context.GetRequiredPath() == "/post") reading.TrySetResult();
            await EchoApplication.EchoAsync(context);
        });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST", "/post", more: ("content-length", "1000")), endStream: false);
        await client.SendDataAsync(1, new byte[500]);
        await reading.Task.WithPatience();
        await client.PingAsync();
        var replying = client.ReadReplyAsync(1);
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(replying.IsCompleted);

        var after = await AdvanceAsync(replying);
        Assert.Equal(408, (await replying).Status);
        Assert.InRange(after, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.Equal(0u, (await client.ReadUntilAsync(frame => frame.Type == Http2FrameType.RstStream))[^1].Number);
        Assert.Equal(200, (await client.ExchangeAsync(3, RawHttp2Client.Request())).Status);
    }

    [Fact]
    public async Task Body_that_nobody_waits_for_is_never_late()
    {
        var gate = new TaskCompletionSource();
        await using var listener = await ListenAsync(new ListenerLimits { KeepAliveTimeout = Never, MinimumBodyRate = 100 }, async context =>
        {
            await gate.Task;
            await EchoApplication.EchoAsync(context);
        });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST"), endStream: false);
        await client.PingAsync();
        time.Advance(TimeSpan.FromHours(1));
        gate.SetResult();
        await client.SendDataAsync(1, new byte[3], endStream: true);

        Assert.EndsWith("body=3", (await client.ReadReplyAsync(1)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_whose_client_opens_no_window_is_cut_and_the_others_go_on()
    {
        await using var listener = await ListenAsync(new ListenerLimits { KeepAliveTimeout = Never, MinimumResponseRate = 100 }, static context => EchoApplication.AnswerAsync(context, new string('x', 500)));
        await using var client = await RawHttp2Client.ConnectWithAsync(listener.EndPoint, (Http2Setting.InitialWindowSize, 100));
        await client.SendHeadersAsync(1, RawHttp2Client.Request());
        await client.ReadUntilAsync(frame => frame.Type == Http2FrameType.Data);
        await client.SendHeadersAsync(3, RawHttp2Client.Request());
        await client.OpenWindowAsync(3, 400);
        Assert.Equal(500, (await client.ReadReplyAsync(3)).Body.Length);

        // 400 octets at the least rate, and five seconds.
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(await client.PingAsync());
        var reading = client.ReadUntilAsync(frame => frame.Type == Http2FrameType.RstStream);
        await AdvanceAsync(reading);
        var reset = (await reading)[^1];
        Assert.Equal((1, 8u), (reset.Stream, reset.Number));
        await client.SendHeadersAsync(5, RawHttp2Client.Request());
        await client.OpenWindowAsync(5, 400);
        Assert.Equal(500, (await client.ReadReplyAsync(5)).Body.Length);
    }

    [Fact]
    public async Task Client_that_takes_nothing_of_what_is_sent_is_given_up()
    {
        var begun = new TaskCompletionSource();
        var gone = new TaskCompletionSource();
        await using var listener = await ListenAsync(new ListenerLimits { KeepAliveTimeout = Never, MinimumResponseRate = 100_000 }, async context =>
        {
            var aborted = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
            await using var registration = aborted.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), gone);
            begun.TrySetResult();
            while (!aborted.IsCancellationRequested) await context.FlushAsync(new string('x', 100_000));
        });
        await using var client = await RawHttp2Client.ConnectWithAsync(listener.EndPoint, (Http2Setting.InitialWindowSize, int.MaxValue));
        await client.OpenWindowAsync(0, int.MaxValue - 65_535);
        await client.SendHeadersAsync(1, RawHttp2Client.Request());

        await begun.Task.WithPatience();
        await AdvanceUntilClosedAsync(listener);
        await gone.Task.WithPatience();
    }

    [Fact]
    public async Task Client_that_does_not_hang_up_after_it_was_told_to_go_is_not_waited_for()
    {
        await using var listener = await ListenAsync(new ListenerLimits { KeepAliveTimeout = Never });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendFrameAsync(Http2FrameType.Ping, 0, 0, 1);
        Assert.Equal(Http2FrameType.GoAway, (await client.ReadToEndAsync())[^1].Type);
        Assert.Equal(1, listener.Counters.Open);

        await AdvanceUntilClosedAsync(listener);
    }

    private Task<Listener> ListenAsync(ListenerLimits limits, Func<IFeatureCollection, Task>? handler = null) => Answer.ListenAsync(handler ?? EchoApplication.EchoAsync, time, limits);

    /// <summary>All frames up to the end of the connection, and how much time had to pass.</summary>
    private async Task<(List<Http2Frame> Frames, TimeSpan After)> OutlastAsync(RawHttp2Client client)
    {
        var ending = client.ReadToEndAsync();
        var after = await AdvanceAsync(ending);
        return (await ending, after);
    }

    private async Task<TimeSpan> AdvanceAsync(Task until)
    {
        var after = TimeSpan.Zero;
        while (!until.IsCompleted)
        {
            Assert.True(after < TimeSpan.FromHours(1), "nothing happens");
            time.Advance(Sweep);
            after += Sweep;
            await Task.WhenAny(until, Task.Delay(2));
        }

        await until;
        return after;
    }

    private Task AdvanceUntilClosedAsync(Listener listener) => Eventually.HoldsAsync(
        () =>
        {
            time.Advance(Sweep);
            return Task.FromResult(listener.Counters.Open == 0);
        },
        "the connection ends");

    private static async Task TrySendAsync(RawHttp2Client client, byte[] octets)
    {
        try
        {
            await client.SendAsync(octets);
        }
        catch (IOException)
        {
            // The connection has ended meanwhile.
        }
    }

    private static int LastOf(Http2Frame goAway) => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(goAway.Payload);
}
