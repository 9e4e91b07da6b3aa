using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Tests.Connections.Http1;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http2;

/// <summary>Uploads go on as the application reads, and what they took of the connection's window always comes back (RFC 9113 §5.2, §6.9).</summary>
public sealed class ReceiveWindowTests
{
    private const int StreamWindow = 100_000;
    private const int ConnectionWindow = 150_000;
    private const long Many = 20_000_000;

    private static readonly ListenerLimits Limits = new()
    {
        BodyBytes = 1 << 30,
        MinimumBodyRate = 0,
        Http2 = new Http2Limits { StreamWindowBytes = StreamWindow, ConnectionWindowBytes = ConnectionWindow, Resets = 1_000_000, ControlFrames = 1_000_000, EmptyFrames = 1_000_000 },
    };

    [Fact]
    public async Task Upload_goes_on_as_the_application_reads_and_stops_while_it_does_not()
    {
        var gate = new SemaphoreSlim(0);
        await using var listener = await Answer.ListenAsync(
            async context =>
            {
                var reader = context.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
                var sum = 0L;
                while (true)
                {
                    await gate.WaitAsync();
                    var read = await reader.ReadAsync();
                    sum += read.Buffer.Length;
                    reader.AdvanceTo(read.Buffer.End);
                    if (read.IsCompleted) break;
                }

                context.Write($"{sum}");
            },
            limits: Limits);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        var upload = await PacedUpload.BeginAsync(client);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST"), endStream: false);
        await upload.FillAsync(1);
        Assert.Equal(StreamWindow, upload.Sent);
        Assert.DoesNotContain(await upload.PingAsync(), frame => frame.Type == Http2FrameType.WindowUpdate);

        for (var round = 0; round < 20; round++)
        {
            gate.Release();
            await upload.AwaitWindowAsync(1);
            var before = upload.Sent;
            await upload.FillAsync(1);
            Assert.InRange(upload.Sent - before, 1, StreamWindow);
            await upload.PingAsync();
        }

        gate.Release(1000);
        await client.SendDataAsync(1, [], endStream: true);
        Assert.Equal($"{upload.Sent}", (await client.ReadReplyAsync(1)).Text);
        gate.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    public async Task Upload_of_many_windows_arrives_whole_padding_included(int padding)
    {
        await using var listener = await Answer.ListenAsync(EchoApplication.EchoAsync, limits: Limits);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        var upload = await PacedUpload.BeginAsync(client);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST"), endStream: false);
        for (var i = 0; i < 1000; i++) await upload.SendAsync(1, 1000, padding: padding);
        await client.SendDataAsync(1, [], endStream: true);

        Assert.EndsWith("body=1000000", (await client.ReadReplyAsync(1)).Text, StringComparison.Ordinal);
    }

    /// <summary>What little is still to come is taken, ignored, and its window given back, and nobody is told of an error.</summary>
    [Fact]
    public async Task Request_answered_before_its_end_may_end_as_it_said()
    {
        await using var listener = await Answer.ListenAsync(static context => EchoApplication.AnswerAsync(context, "early"), limits: Limits);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        var upload = await PacedUpload.BeginAsync(client);
        for (var stream = 1; upload.Sent < Many; stream += 2)
        {
            await client.SendHeadersAsync(stream, RawHttp2Client.Request("POST", more: ("content-length", "48000")), endStream: false);
            var frames = await upload.ReadUntilAsync(frame => frame.Stream == stream && frame.EndsStream);
            Assert.Equal([Http2FrameType.Headers, Http2FrameType.Data], frames.Where(frame => frame.Stream == stream).Select(frame => frame.Type));
            for (var i = 0; i < 3; i++) await upload.SendAsync(stream, 16_000);
            await client.SendDataAsync(stream, [], endStream: true);
        }

        Assert.DoesNotContain(await upload.ReadUntilAsync(static _ => true), static frame => frame.Type is Http2FrameType.RstStream or Http2FrameType.GoAway);
    }

    /// <summary>A body that is not what it said is no better for having been answered.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task Request_answered_before_its_end_is_still_judged(int octets)
    {
        await using var listener = await Answer.ListenAsync(static context => EchoApplication.AnswerAsync(context, "early"), limits: Limits);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST", more: ("content-length", "10")), endStream: false);
        await client.ReadUntilAsync(frame => frame.EndsStream);
        await client.SendDataAsync(1, new byte[octets], endStream: true);

        Assert.Equal(1u, (await client.ReadUntilAsync(frame => frame.Type == Http2FrameType.RstStream))[^1].Number);
    }

    /// <summary>RFC 9113 §8.1: what is still under way is taken, ignored, and its window given back.</summary>
    [Theory]
    [InlineData(300_000)]
    [InlineData(3_000_000)]
    public async Task Request_answered_long_before_its_end_is_ended_without_an_error_and_costs_the_connection_nothing(int stated)
    {
        await using var listener = await Answer.ListenAsync(static context => EchoApplication.AnswerAsync(context, "early"), limits: Limits);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        var upload = await PacedUpload.BeginAsync(client);
        var stream = -1;
        while (upload.Sent < Many)
        {
            stream += 2;
            await client.SendHeadersAsync(stream, RawHttp2Client.Request("POST", more: ("content-length", $"{stated + 30_000}")), endStream: false);
            var frames = await upload.ReadUntilAsync(frame => frame.Stream == stream && frame.Type == Http2FrameType.RstStream);
            Assert.Equal([Http2FrameType.Headers, Http2FrameType.Data, Http2FrameType.RstStream], frames.Where(frame => frame.Stream == stream).Select(frame => frame.Type));
            Assert.Equal("early", Encoding.ASCII.GetString(frames[^2].Payload));
            Assert.True(frames[^2].EndsStream);
            Assert.Equal(0u, frames[^1].Number);

            // As if the client had not seen it yet.
            for (var i = 0; i < 6; i++) await upload.SendAsync(stream, 16_000);
        }
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("reset unread")]
    [InlineData("malformed")]
    [InlineData("too long")]
    [InlineData("beyond the limit")]
    public async Task Uploads_that_fail_do_not_starve_their_connection(string how)
    {
        var limits = Limits with { BodyBytes = how == "beyond the limit" ? 10 : Limits.BodyBytes };
        await using var listener = await Answer.ListenAsync(
            async context =>
            {
                if (how != "reset unread")
                {
                    await EchoApplication.EchoAsync(context);
                    return;
                }

                var gone = new TaskCompletionSource();
                await using var registration = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), gone);
                await gone.Task;
            },
            limits: limits);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.OpenWindowAsync(0, 1 << 30);
        var upload = await PacedUpload.BeginAsync(client);
        (string, string)[] fields = how switch
        {
            "malformed" => [("X", "y")],
            "too long" => [("content-length", "20000")],
            _ => [],
        };
        var stream = -1;
        while (upload.Sent < Many)
        {
            stream += 2;
            await client.SendHeadersAsync(stream, RawHttp2Client.Request("POST", more: fields), endStream: false);
            for (var i = 0; i < 4; i++) await upload.SendAsync(stream, 10_000);
            if (how is "reset" or "reset unread") await client.ResetAsync(stream);
            else await upload.AwaitResetAsync(stream);
        }
    }

    [Fact]
    public async Task Octets_that_the_application_left_are_given_back_with_the_end_of_its_request()
    {
        await using var listener = await Answer.ListenAsync(
            async static context =>
            {
                var reader = context.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
                var read = await reader.ReadAtLeastAsync(20_000);
                reader.AdvanceTo(read.Buffer.GetPosition(1), read.Buffer.End);
            },
            limits: Limits);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        var upload = await PacedUpload.BeginAsync(client);
        for (var stream = 1; upload.Sent < Many; stream += 2)
        {
            await client.SendHeadersAsync(stream, RawHttp2Client.Request("POST"), endStream: false);
            await upload.SendAsync(stream, 10_000);
            await upload.SendAsync(stream, 10_000, endStream: true);
            await upload.ReadUntilAsync(frame => frame.Stream == stream && frame.EndsStream);
        }
    }

    [Fact]
    public async Task Upload_that_nobody_reads_holds_up_no_other_stream()
    {
        var never = new TaskCompletionSource();
        await using var listener = await Answer.ListenAsync(
            context => context.GetRequiredPath() == "/never" ? never.Task : EchoApplication.EchoAsync(context),
            limits: Limits);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        var upload = await PacedUpload.BeginAsync(client);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST", "/never"), endStream: false);
        await upload.FillAsync(1);
        await client.SendHeadersAsync(3, RawHttp2Client.Request("POST"), endStream: false);
        for (var i = 0; i < 100; i++) await upload.SendAsync(3, 10_000, endStream: i == 99);

        Assert.EndsWith("body=1000000", (await client.ReadReplyAsync(3)).Text, StringComparison.Ordinal);
        never.SetResult();
    }
}
