using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Tests.EventLoops;

public sealed class ReadinessTests
{
    private readonly Readiness readiness = new();

    [Fact]
    public void Wait_for_what_has_been_told_is_over_at_once_and_forgets_nothing()
    {
        readiness.Tell();
        readiness.Tell();

        Assert.True(readiness.WaitAsync().AsTask().IsCompletedSuccessfully);
        Assert.True(readiness.IsTold);
        Assert.True(readiness.WaitAsync().AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public void Who_waits_goes_on_when_told_on_the_thread_that_tells()
    {
        var thread = 0;
        var waiting = WaitAsync();
        Assert.False(waiting.IsCompleted);
        Assert.False(readiness.IsTold);
        readiness.Tell();

        Assert.True(waiting.IsCompletedSuccessfully);
        Assert.Equal(Environment.CurrentManagedThreadId, thread);

        // Until the try that it is about.
        Assert.True(readiness.IsTold);

        async Task WaitAsync()
        {
            await readiness.WaitAsync();
            thread = Environment.CurrentManagedThreadId;
        }
    }

    [Fact]
    public void What_was_told_before_it_was_forgotten_ends_no_wait()
    {
        readiness.Tell();
        readiness.Forget();
        Assert.False(readiness.IsTold);
        var waiting = readiness.WaitAsync().AsTask();

        Assert.False(waiting.IsCompleted);
        readiness.Tell();
        Assert.True(waiting.IsCompletedSuccessfully);
    }

    [Fact]
    public void Forgetting_forgets_no_one_who_waits()
    {
        var waiting = readiness.WaitAsync().AsTask();
        readiness.Forget();
        Assert.False(waiting.IsCompleted);
        readiness.Tell();

        Assert.True(waiting.IsCompletedSuccessfully);
    }

    [Fact]
    public void One_wait_after_the_other_ends_with_news_of_its_own()
    {
        for (var round = 0; round < 3; round++)
        {
            readiness.Forget();
            var waiting = readiness.WaitAsync().AsTask();
            Assert.False(waiting.IsCompleted);
            readiness.Tell();
            Assert.True(waiting.IsCompletedSuccessfully);
        }
    }

    [Fact]
    public async Task Cancelled_token_wakes_who_waits_outside_the_call_that_cancels()
    {
        using var isCancelling = new ThreadLocal<bool>();
        using var stop = new CancellationTokenSource();
        await using var registration = readiness.TellWhen(stop.Token);
        var waiting = WaitAsync();
        Assert.False(waiting.IsCompleted);
        isCancelling.Value = true;
        stop.Cancel();
        isCancelling.Value = false;

        Assert.False(await waiting.WithPatience());

        async Task<bool> WaitAsync()
        {
            await readiness.WaitAsync();
            return isCancelling.Value;
        }
    }

    [Fact]
    public async Task News_told_at_the_moment_when_somebody_goes_to_wait_end_the_wait()
    {
        const int Rounds = 300_000;
        var begun = 0;
        var told = 0;
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var telling = Task.Run(() =>
        {
            for (var round = 1; round <= Rounds; round++)
            {
                while (Volatile.Read(ref begun) < round) patience.Token.ThrowIfCancellationRequested();
                Thread.SpinWait(round % 8);
                readiness.Tell();
                Volatile.Write(ref told, round);
            }
        });
        for (var round = 1; round <= Rounds; round++)
        {
            readiness.Forget();
            Volatile.Write(ref begun, round);
            Thread.SpinWait(round % 5);
            var waiting = readiness.WaitAsync().AsTask();
            while (Volatile.Read(ref told) < round) patience.Token.ThrowIfCancellationRequested();

            // Told before the wait was awaited, its end comes by the pool.
            if (!waiting.IsCompleted) await waiting.WithPatience();
        }

        await telling.WithPatience();
    }

    [Fact]
    public async Task Nothing_that_is_told_is_lost_to_cancellations_that_come_at_the_same_time()
    {
        const int Rounds = 3000;
        var brought = 0;
        var taken = 0;
        var cancelled = 0;
        CancellationTokenSource? current = null;
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var telling = Task.Run(() =>
        {
            for (var round = 1; round <= Rounds; round++)
            {
                Thread.SpinWait(Random.Shared.Next(200));
                Volatile.Write(ref brought, round);
                readiness.Tell();
                while (Volatile.Read(ref taken) < round && !patience.IsCancellationRequested) Thread.Yield();
            }
        });
        var cancelling = Task.Run(() =>
        {
            while (!telling.IsCompleted)
            {
                Volatile.Read(ref current)?.Cancel();
                Thread.SpinWait(Random.Shared.Next(200));
                Thread.Yield();
            }
        });

        // As a receiver does: what is told from the forgetting on is news, and the try finds what came before it.
        var taking = Task.Run(async () =>
        {
            while (taken < Rounds)
            {
                // Not disposed: the other thread may hold it still.
                var stop = new CancellationTokenSource();
                await using var registration = readiness.TellWhen(stop.Token);
                Volatile.Write(ref current, stop);
                while (!stop.IsCancellationRequested)
                {
                    readiness.Forget();
                    if (Volatile.Read(ref brought) > taken) Volatile.Write(ref taken, taken + 1);
                    else if (stop.IsCancellationRequested || taken == Rounds) break;
                    else await readiness.WaitAsync();
                    await PoolTurn.TakeAsync();
                }

                if (stop.IsCancellationRequested) cancelled++;
            }
        });

        await Task.WhenAll(taking, telling, cancelling).WithPatience();
        Assert.Equal(Rounds, taken);
        Assert.True(cancelled > 0, "nothing was cancelled");
    }
}
