using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Tests.Connections.Http1;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http2;

/// <summary>Errors of a connection end it with GOAWAY, errors of a stream end the stream with RST_STREAM and nothing else, each with its code (RFC 9113 §5.4).</summary>
public sealed class Http2ErrorTests : IAsyncLifetime
{
    private readonly TaskCompletionSource never = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Listener listener = null!;
    private int requests;

    public async ValueTask InitializeAsync()
    {
        // The stream's window is the larger, so that each of the two can be exceeded.
        var limits = new ListenerLimits { HeaderBytes = 20_000, Http2 = new Http2Limits { MaxStreams = 3, ConnectionWindowBytes = 200_000, StreamWindowBytes = 65_536 } };
        listener = await Answer.ListenAsync(ServeAsync, limits: limits);
    }

    public async ValueTask DisposeAsync()
    {
        never.TrySetResult();
        await listener.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Http2Errors.OfConnections), MemberType = typeof(Http2Errors))]
    public async Task Error_of_a_connection_ends_it_with_its_code(string what, byte[] frames, uint code)
    {
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendAsync(frames);
        var all = await client.ReadToEndAsync();

        // Who read a body meanwhile may have opened its window behind that.
        var last = all.LastOrDefault(frame => frame.Type != Http2FrameType.WindowUpdate);
        Assert.True(last is { Type: Http2FrameType.GoAway }, $"{what}: {string.Join(", ", all)}");
        Assert.True(code == last.Number, $"{what}: {last.Number}");
    }

    /// <summary>RFC 9113 §3.4.</summary>
    [Theory]
    [MemberData(nameof(Http2Errors.OfBeginnings), MemberType = typeof(Http2Errors))]
    public async Task Connection_that_begins_otherwise_ends(string what, byte[] octets)
    {
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint, greet: false);
        await client.SendAsync([.. RawHttp2Client.Preface[..16], .. octets]);
        var goAway = (await client.ReadToEndAsync())[^1];

        Assert.True(goAway is { Type: Http2FrameType.GoAway, Number: 1 }, $"{what}: {goAway} {goAway.Number}");
        Assert.Equal(0, requests);
    }

    [Theory]
    [MemberData(nameof(Http2Errors.OfStreams), MemberType = typeof(Http2Errors))]
    public async Task Error_of_a_stream_ends_it_alone_with_its_code(string what, byte[] frames, uint code)
    {
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendAsync([.. RawHttp2Client.Headers(1, RawHttp2Client.Request(path: "/never")), .. frames]);
        var reset = (await client.ReadUntilAsync(frame => frame.Type is Http2FrameType.RstStream or Http2FrameType.GoAway))[^1];

        Assert.True(reset is { Type: Http2FrameType.RstStream, Stream: 3 } && reset.Number == code, $"{what}: {reset} {reset.Number}");
        Assert.Equal(200, (await client.ExchangeAsync(11, RawHttp2Client.Request())).Status);
    }

    [Theory]
    [MemberData(nameof(Http2Errors.OfNobody), MemberType = typeof(Http2Errors))]
    public async Task What_may_have_been_under_way_is_ignored(string what, byte[] frames)
    {
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendAsync(frames);
        var reply = await client.ExchangeAsync(11, RawHttp2Client.Request());

        Assert.True(reply.Status == 200, $"{what}: {reply}");
    }

    /// <summary>Requests to /never are not answered before the test is over; others at once.</summary>
    private async Task ServeAsync(IFeatureCollection context)
    {
        Interlocked.Increment(ref requests);
        if (context.GetRequiredPath() != "/never") return;
        await using var gone = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), never);
        await never.Task;
    }
}
