using System.Buffers.Binary;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Tests.Connections.Http1;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http2;

/// <summary>How connections end: said goodbye to by either side, or cut wherever they are.</summary>
public sealed class Http2EndTests
{
    private static readonly ListenerLimits Patient = new() { KeepAliveTimeout = TimeSpan.FromHours(24), HeaderTimeout = TimeSpan.FromHours(24), MinimumBodyRate = 0 };

    /// <summary>RFC 9113 §6.8.</summary>
    [Fact]
    public async Task Stop_lets_streams_under_way_finish_and_then_says_which_was_the_last()
    {
        var gate = new TaskCompletionSource();
        await using var listener = await Answer.ListenAsync(_ => gate.Task, limits: Patient);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request());
        await client.PingAsync();
        var stopping = listener.StopAsync(TimeSpan.FromHours(1));
        var first = (await client.ReadUntilAsync(frame => frame.Type == Http2FrameType.GoAway))[^1];
        Assert.Equal((int.MaxValue, 0u), (LastOf(first), first.Number));

        // As if it had not heard yet.
        await client.SendHeadersAsync(3, RawHttp2Client.Request());
        await client.PingAsync();
        Assert.False(stopping.IsCompleted);
        gate.SetResult();
        var frames = await client.ReadToEndAsync();

        Assert.Equal([1, 3], frames.Where(frame => frame.Type == Http2FrameType.Headers).Select(frame => frame.Stream).Order());
        Assert.Equal((Http2FrameType.GoAway, 0u, 3), (frames[^1].Type, frames[^1].Number, LastOf(frames[^1])));
        client.EndSending();
        await stopping.WithPatience();
    }

    [Fact]
    public async Task Stop_ends_an_idle_connection_at_once()
    {
        await using var listener = await Answer.ListenAsync(EchoApplication.EchoAsync, limits: Patient);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        Assert.Equal(200, (await client.ExchangeAsync(1, RawHttp2Client.Request())).Status);
        var stopping = listener.StopAsync(TimeSpan.FromHours(1));
        var last = (await client.ReadToEndAsync())[^1];

        Assert.Equal((Http2FrameType.GoAway, 0u, 1), (last.Type, last.Number, LastOf(last)));
        client.EndSending();
        await stopping.WithPatience();
    }

    [Fact]
    public async Task Requests_that_outlast_the_stop_are_aborted()
    {
        var gone = new TaskCompletionSource();
        await using var listener = await Answer.ListenAsync(context => AwaitAbortAsync(context, gone), limits: Patient);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request());
        await client.PingAsync();
        await listener.StopAsync(TimeSpan.Zero).WithPatience();

        await gone.Task.WithPatience();
        Assert.True((await client.ReadReplyAsync(1)).IsCut);
    }

    [Fact]
    public async Task Client_that_says_goodbye_still_gets_its_answers_and_then_the_end()
    {
        var gate = new TaskCompletionSource();
        await using var listener = await Answer.ListenAsync(_ => gate.Task, limits: Patient);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request());
        await client.SendFrameAsync(Http2FrameType.GoAway, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0, .. "bye"u8]);
        await client.PingAsync();
        gate.SetResult();
        var frames = await client.ReadToEndAsync();

        Assert.Contains(frames, frame => frame is { Type: Http2FrameType.Headers, Stream: 1 });
        Assert.Equal((Http2FrameType.GoAway, 0u), (frames[^1].Type, frames[^1].Number));
    }

    [Fact]
    public async Task Client_that_says_goodbye_without_a_request_gets_the_end()
    {
        await using var listener = await Answer.ListenAsync(EchoApplication.EchoAsync, limits: Patient);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendFrameAsync(Http2FrameType.GoAway, 0, 0, new byte[8]);

        Assert.Equal((Http2FrameType.GoAway, 0u), (await client.ReadToEndAsync()) is [.., var last] ? (last.Type, last.Number) : default);
    }

    public static TheoryData<string, bool> Places
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var place in (string[])["before the preface", "within the preface", "behind the preface", "within a frame's header", "within HEADERS", "within a field block", "within DATA", "within padding", "between frames", "behind a request"])
            {
                data.Add(place, false);
                data.Add(place, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Connection_that_ends_anywhere_is_given_up_with_its_requests(string place, bool isReset)
    {
        var begun = 0;
        var over = 0;
        await using var listener = await Answer.ListenAsync(
            async context =>
            {
                Interlocked.Increment(ref begun);
                var gone = new TaskCompletionSource();
                await Task.WhenAll(AwaitAbortAsync(context, gone), AssertBodyEndsAsync(context));
                Interlocked.Increment(ref over);
            },
            limits: Patient);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint, greet: false);
        byte[] greeting = [.. RawHttp2Client.Preface, .. RawHttp2Client.Settings()];
        byte[] post = [.. greeting, .. RawHttp2Client.Headers(1, RawHttp2Client.Request("POST"), endStream: false)];
        byte[] octets = place switch
        {
            "before the preface" => [],
            "within the preface" => greeting[..20],
            "behind the preface" => greeting[..24],
            "within a frame's header" => [.. post, 0, 0, 1],
            "within HEADERS" => [.. post, .. RawHttp2Client.Headers(3, RawHttp2Client.Request())[..20]],
            "within a field block" => [.. post, .. RawHttp2Client.Frame(Http2FrameType.Headers, 0, 3, PlainHpack.Encode(RawHttp2Client.Request()))],
            "within DATA" => [.. post, .. RawHttp2Client.Data(1, new byte[100])[..50]],
            "within padding" => [.. post, .. RawHttp2Client.Frame(Http2FrameType.Data, Http2Frame.Padded, 1, [50, .. new byte[60]])[..^10]],
            "between frames" => [.. post, .. RawHttp2Client.Data(1, "abc"u8)],
            _ => [.. greeting, .. RawHttp2Client.Headers(1, RawHttp2Client.Request())],
        };
        await client.SendAsync(octets);
        await Eventually.HoldsAsync(() => listener.Counters.Open == 1, "the connection is accepted");
        if (octets.Length > greeting.Length) await Eventually.HoldsAsync(() => Volatile.Read(ref begun) == 1, "the request has come");
        if (isReset) client.Cut();
        else client.EndSending();

        await Eventually.HoldsAsync(() => listener.Counters.Open == 0, "the connection is given up");
        await Eventually.HoldsAsync(() => Volatile.Read(ref over) == Volatile.Read(ref begun), "the requests are given up");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reset_of_the_client_aborts_its_request_alone(bool hasEnded)
    {
        var gone = new TaskCompletionSource();
        await using var listener = await Answer.ListenAsync(context => context.GetRequiredPath() == "/gone" ? AwaitAbortAsync(context, gone) : EchoApplication.EchoAsync(context), limits: Patient);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST"), endStream: false);
        await client.SendHeadersAsync(3, RawHttp2Client.Request(path: "/gone"), endStream: hasEnded);
        await client.PingAsync();
        await client.ResetAsync(3);
        await gone.Task.WithPatience();
        await client.SendDataAsync(1, Encoding.ASCII.GetBytes("abc"), endStream: true);
        await client.SendHeadersAsync(5, RawHttp2Client.Request());
        var frames = await client.ReadUntilAsync(frame => frame.Stream == 5 && frame.EndsStream);

        Assert.DoesNotContain(frames, frame => frame.Stream == 3);
        Assert.Contains(frames, frame => frame.Stream == 1 && frame.EndsStream);
    }

    private static async Task AwaitAbortAsync(IFeatureCollection context, TaskCompletionSource gone)
    {
        var aborted = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        await using var registration = aborted.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), gone);
        await gone.Task;
    }

    /// <summary>A body that the connection's end has cut short does not look whole.</summary>
    private static async Task AssertBodyEndsAsync(IFeatureCollection context)
    {
        var isWhole = context.GetRequiredFeature<IHttpRequestFeature>().Method == "GET";
        var failure = await Record.ExceptionAsync(() => context.GetRequiredFeature<IHttpRequestFeature>().Body.CopyToAsync(Stream.Null));
        Assert.Equal(isWhole, failure is null);
    }

    private static int LastOf(Http2Frame goAway) => BinaryPrimitives.ReadInt32BigEndian(goAway.Payload);
}
