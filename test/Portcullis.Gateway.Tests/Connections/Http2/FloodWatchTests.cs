using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http2;

public sealed class FloodWatchTests
{
    private static readonly Http2Limits Limits = new() { Resets = 10, ControlFrames = 20, EmptyFrames = 5 };

    private readonly ManualTimeProvider clock = new();
    private readonly FloodWatch watch;

    public FloodWatchTests() => watch = new FloodWatch(clock);

    [Fact]
    public void Slow_client_starts_a_new_window_after_ten_seconds()
    {
        for (var round = 0; round < 50; round++)
        {
            for (var i = 0; i < 20; i++) watch.CountSettings();
            Assert.Null(watch.FindFlood(Limits));
            clock.Advance(TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public void Client_that_resets_one_request_in_five_is_no_flood()
    {
        for (var i = 1; i < 5000; i += 2)
        {
            watch.CountOpened();
            if (i % 5 == 0) watch.CountReset();
            Assert.Null(watch.FindFlood(Limits));
        }
    }

    [Fact]
    public void Pings_beside_a_download_are_earned_and_those_for_nothing_are_not()
    {
        for (var i = 0; i < 1000; i++)
        {
            watch.CountSent(17 + 200);
            watch.CountPing();
            Assert.Null(watch.FindFlood(Limits));
        }

        var idle = new FloodWatch(clock);
        for (var i = 0; i < 21; i++)
        {
            idle.CountSent(17);
            idle.CountPing();
        }

        Assert.NotNull(idle.FindFlood(Limits));
    }
}
