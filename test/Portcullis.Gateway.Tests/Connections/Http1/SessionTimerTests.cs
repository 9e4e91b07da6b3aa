using System.Net.Sockets;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.EventLoops;
using Portcullis.Testing;

namespace Portcullis.Gateway.Tests.Connections.Http1;

/// <summary>Every wait ends, never before its time, and at most a sweep after it.</summary>
public sealed class SessionTimerTests : IAsyncLifetime
{
    // Between two sweeps, and the most that a deadline is late for them.
    private static readonly TimeSpan Sweep = TimeSpan.FromMilliseconds(250);

    private readonly ManualTimeProvider time = new();
    private IdleSessions sessions = null!;
    private Http1Session session = null!;
    private Socket client = null!;

    private SessionTimer Timer => session.Timer;

    public async ValueTask InitializeAsync()
    {
        var (one, other) = await SocketPair.ConnectAsync();
        client = one;
        sessions = new IdleSessions(new ListenerServices { Time = time });
        session = sessions.Create(new Wire(LoopSocket.Accepted(other)));
    }

    public async ValueTask DisposeAsync()
    {
        session.Dispose();
        client.Dispose();
        await sessions.DisposeAsync();
    }

    public enum Wait
    {
        Request,
        Head,
        Body,
        Drain,
    }

    [Theory]
    [InlineData(Wait.Request, 75)]
    [InlineData(Wait.Head, 10)]
    [InlineData(Wait.Body, 5)]
    [InlineData(Wait.Drain, 2)]
    public void Wait_is_late_after_its_time_and_not_before(Wait wait, int seconds)
    {
        Begin(wait, seconds);
        Assert.Equal(wait == Wait.Request, Timer.AwaitsRequest);

        Advance(TimeSpan.FromSeconds(seconds));
        AssertLate(null);
        Advance(Sweep);
        AssertLate(wait);
        Assert.False(session.IsAborted);
    }

    [Theory]
    [InlineData(Wait.Request)]
    [InlineData(Wait.Head)]
    [InlineData(Wait.Body)]
    [InlineData(Wait.Drain)]
    public void Wait_that_began_just_before_a_sweep_is_no_shorter(Wait wait)
    {
        time.Advance(Sweep - TimeSpan.FromMilliseconds(1));
        Begin(wait, 5);

        Advance(TimeSpan.FromSeconds(5));
        AssertLate(null);
        Advance(TimeSpan.FromMilliseconds(1));
        AssertLate(wait);
    }

    [Theory]
    [InlineData(Wait.Request)]
    [InlineData(Wait.Head)]
    [InlineData(Wait.Body)]
    [InlineData(Wait.Drain)]
    public void Wait_that_has_ended_is_never_late(Wait wait)
    {
        Begin(wait, 5);
        Advance(TimeSpan.FromSeconds(4));
        if (wait == Wait.Body) Timer.EndBodyWait();
        else Timer.EndWait();

        Assert.False(Timer.AwaitsRequest);
        Advance(TimeSpan.FromHours(1));
        AssertLate(null);
    }

    [Fact]
    public void Next_wait_begins_anew()
    {
        Timer.AwaitRequest(TimeSpan.FromSeconds(1));
        Advance(TimeSpan.FromSeconds(2));
        AssertLate(Wait.Request);

        Timer.AwaitHead(TimeSpan.FromSeconds(1));
        AssertLate(null);
        Advance(TimeSpan.FromSeconds(2));
        AssertLate(Wait.Head);
    }

    [Fact]
    public async Task Late_wait_cancels_the_receive_once_and_the_connection_goes_on()
    {
        var buffer = new byte[8];
        Timer.AwaitHead(TimeSpan.FromSeconds(1));
        var receiving = session.Wire.ReceiveAsync(buffer).AsTask();
        Advance(TimeSpan.FromSeconds(1));
        Assert.False(receiving.IsCompleted);
        Advance(Sweep);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving.WithPatience());

        var next = session.Wire.ReceiveAsync(buffer).AsTask();
        Advance(TimeSpan.FromHours(1));
        await client.SendAsync("abc"u8.ToArray());
        Assert.Equal(3, await next.WithPatience());
        Assert.False(session.IsAborted);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(100, 6)]
    [InlineData(1500, 20)]
    public void Body_has_five_seconds_and_the_time_that_its_octets_take_at_the_least_rate(int octets, int seconds)
    {
        Timer.CountBody(octets);
        Timer.AwaitBody(rate: 100);

        Advance(TimeSpan.FromSeconds(seconds));
        AssertLate(null);
        Advance(Sweep);
        AssertLate(Wait.Body);
    }

    [Fact]
    public void Waits_for_a_body_add_up_and_what_lies_between_them_does_not_count()
    {
        for (var i = 0; i < 4; i++)
        {
            Timer.AwaitBody(rate: 100);
            Advance(TimeSpan.FromSeconds(1));
            Timer.EndBodyWait();
            Timer.CountBody(50);
            Advance(TimeSpan.FromMinutes(1));
            AssertLate(null);
        }

        // 5 s and 2 s for 200 octets, of which 4 s are over.
        Timer.AwaitBody(rate: 100);
        Advance(TimeSpan.FromSeconds(3));
        AssertLate(null);
        Advance(Sweep);
        AssertLate(Wait.Body);
    }

    [Fact]
    public void Body_whose_time_is_over_is_late_with_the_next_sweep()
    {
        Timer.AwaitBody(rate: 100);
        time.Advance(TimeSpan.FromMinutes(1)); // nobody looked
        Timer.EndBodyWait();
        sessions.Clock.Refresh();
        Timer.AwaitBody(rate: 100);

        AssertLate(null);
        Advance(Sweep);
        AssertLate(Wait.Body);
    }

    [Fact]
    public void Next_request_has_the_whole_time_again()
    {
        Timer.CountBody(10_000);
        Timer.AwaitBody(rate: 100);
        Advance(TimeSpan.FromSeconds(4));
        Timer.EndBodyWait();
        Timer.AwaitRequest(TimeSpan.FromSeconds(75));
        Timer.EndWait();

        Timer.AwaitBody(rate: 100);
        Advance(TimeSpan.FromSeconds(5));
        AssertLate(null);
        Advance(Sweep);
        AssertLate(Wait.Body);
    }

    [Fact]
    public void Without_a_least_rate_a_body_is_never_late()
    {
        Timer.AwaitBody(rate: 0);
        Advance(TimeSpan.FromDays(1));
        Timer.EndBodyWait();

        AssertLate(null);
    }

    [Fact]
    public void Body_that_is_drained_has_no_longer_than_the_drain()
    {
        Timer.AwaitDrain(TimeSpan.FromSeconds(2));
        Timer.CountBody(1_000_000);
        for (var i = 0; i < 2; i++)
        {
            Timer.AwaitBody(rate: 100);
            Advance(TimeSpan.FromSeconds(1));
            AssertLate(null);
            Timer.EndBodyWait();
        }

        Advance(Sweep);
        AssertLate(Wait.Drain);
    }

    [Theory]
    [InlineData(1000, 100, 15)]
    [InlineData(0, 100, 5)]
    [InlineData(1_000_000, 0, 5)]
    public void Client_that_does_not_take_what_is_sent_is_given_up(int octets, long rate, int seconds)
    {
        Timer.AwaitSending(octets, rate);

        Advance(TimeSpan.FromSeconds(seconds));
        Assert.False(session.IsAborted);
        Advance(Sweep);
        Assert.True(session.IsAborted);
        AssertLate(null);
    }

    [Fact]
    public void Client_that_takes_what_is_sent_is_not_given_up()
    {
        Timer.AwaitSending(1000, 100);
        Advance(TimeSpan.FromSeconds(14));
        Timer.EndSending();

        Advance(TimeSpan.FromHours(1));
        Assert.False(session.IsAborted);
    }

    [Fact]
    public void Request_of_a_client_that_ended_its_sending_goes_on_for_half_a_second()
    {
        Timer.NoteEnd();
        Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(session.IsAborted);

        // Told again, the end is no later.
        Timer.NoteEnd();
        Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(session.IsAborted);
    }

    [Fact]
    public void End_of_sending_ends_nothing_while_octets_are_waited_for()
    {
        Timer.AwaitHead(TimeSpan.FromSeconds(10));
        Timer.NoteEnd();
        Advance(TimeSpan.FromSeconds(5));

        Assert.False(session.IsAborted);
    }

    [Fact]
    public void Suspended_timer_ends_nothing()
    {
        Timer.AwaitRequest(TimeSpan.FromSeconds(1));
        Timer.AwaitSending(0, 100);
        Timer.NoteEnd();
        Timer.Suspend();

        Advance(TimeSpan.FromHours(1));
        AssertLate(null);
        Assert.False(session.IsAborted);
    }

    private void Begin(Wait wait, int seconds)
    {
        var timeout = TimeSpan.FromSeconds(seconds);
        switch (wait)
        {
            case Wait.Request:
                Timer.AwaitRequest(timeout);
                break;
            case Wait.Head:
                Timer.AwaitHead(timeout);
                break;
            case Wait.Drain:
                Timer.AwaitDrain(timeout);
                break;
            default:
                Assert.Equal(5, seconds);
                Timer.AwaitBody(rate: 1);
                break;
        }
    }

    private void Advance(TimeSpan by)
    {
        time.Advance(by);
        Timer.Look(sessions.Clock.Refresh());
    }

    private void AssertLate(Wait? wait)
    {
        Assert.Equal(wait == Wait.Request, Timer.IsIdle);
        Assert.Equal(wait == Wait.Head, Timer.IsHeadLate);
        Assert.Equal(wait == Wait.Body, Timer.IsBodyLate);
        Assert.Equal(wait == Wait.Drain, Timer.IsDrainLate);
    }
}
