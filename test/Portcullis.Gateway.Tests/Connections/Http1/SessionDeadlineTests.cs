using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Testing;

namespace Portcullis.Gateway.Tests.Connections.Http1;

/// <summary>What a client sees of the deadlines of its connection, on a clock that the test moves.</summary>
public sealed class SessionDeadlineTests
{
    // A machine that is busy for a while must not turn one deadline into another.
    private static readonly TimeSpan Never = TimeSpan.FromHours(24);
    private static readonly TimeSpan Soon = TimeSpan.FromHours(1);

    private readonly ManualTimeProvider time = new();

    [Fact]
    public async Task Idle_connection_ends_without_a_word()
    {
        var (rest, after) = await OutlastAsync(string.Empty, EchoApplication.EchoAsync, new ListenerLimits { KeepAliveTimeout = TimeSpan.FromSeconds(20) });

        Assert.Empty(rest);
        Assert.InRange(after, TimeSpan.FromSeconds(20), Soon);
    }

    [Fact]
    public async Task Head_that_stops_coming_is_answered_408()
    {
        var (rest, after) = await OutlastAsync("GET / HTTP/1.1\r\nHost: a\r\n", EchoApplication.EchoAsync, new ListenerLimits { KeepAliveTimeout = Never });

        Assert.StartsWith("HTTP/1.1 408 ", rest, StringComparison.Ordinal);
        Assert.InRange(after, TimeSpan.FromSeconds(10), Soon);
    }

    [Theory]
    [InlineData("Content-Length: 3000\r\n\r\n", 1200)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nbb8\r\n", 1195)]
    public async Task Body_below_the_least_rate_is_answered_408(string framing, int octets)
    {
        var (rest, after) = await OutlastAsync($"POST / HTTP/1.1\r\nHost: a\r\n{framing}{new string('x', octets)}", EchoApplication.EchoAsync, new ListenerLimits { KeepAliveTimeout = Never }, arrives: true);

        Assert.StartsWith("HTTP/1.1 408 ", rest, StringComparison.Ordinal);
        Assert.InRange(after, TimeSpan.FromSeconds(5), Soon);
    }

    [Fact]
    public async Task Body_that_nobody_read_is_not_waited_for_long_without_a_least_rate_either()
    {
        const string Request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nfew";
        var limits = new ListenerLimits { KeepAliveTimeout = Never, MinimumBodyRate = 0 };
        var (rest, after) = await OutlastAsync(Request, static context => EchoApplication.AnswerAsync(context, "early"), limits, arrives: true);

        Assert.StartsWith("HTTP/1.1 200 ", rest, StringComparison.Ordinal);
        Assert.EndsWith("early", rest, StringComparison.Ordinal);
        Assert.InRange(after, TimeSpan.FromSeconds(2), Soon);
    }

    /// <summary>A request that is answered, then octets, then time until the connection ends.</summary>
    /// <param name="arrives">Whether a request comes of the octets.</param>
    /// <returns>All octets after the first response, and how much time had to pass.</returns>
    private async Task<(string Octets, TimeSpan After)> OutlastAsync(string octets, Func<IFeatureCollection, Task> handler, ListenerLimits limits, bool arrives = false)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isFirst = true;
        await using var listener = await Answer.ListenAsync(
            context =>
            {
                if (!isFirst) arrived.TrySetResult();
                isFirst = false;
                return handler(context);
            },
            time,
            limits);
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync(Answer.Get);
        await client.ReadResponseAsync().WithPatience();
        await client.SendAsync(octets);
        if (arrives) await arrived.Task.WithPatience();

        var ending = client.ReadToEndAsync();
        var after = TimeSpan.Zero;
        while (!ending.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            after += TimeSpan.FromMilliseconds(250);
            await Task.WhenAny(ending, Task.Delay(2));
        }

        return (await ending, after);
    }
}
