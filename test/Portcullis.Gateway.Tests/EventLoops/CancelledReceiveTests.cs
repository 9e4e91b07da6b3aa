using System.Net.Sockets;
using Portcullis.Gateway.EventLoops;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Tests.EventLoops;

/// <summary>Cancellations that come at the very moment when somebody goes to wait, or when octets come: none is lost, and no octet.</summary>
public sealed class CancelledReceiveTests : IAsyncLifetime
{
    private const int Rounds = 4000;

    private readonly byte[] buffer = new byte[64];
    private Socket peer = null!;
    private Socket accepted = null!;
    private int begun;

    public static TheoryData<bool> WithAndWithoutLoop => [true, false];

    public async ValueTask InitializeAsync() => (peer, accepted) = await SocketPair.ConnectAsync();

    public ValueTask DisposeAsync()
    {
        peer.Dispose();
        accepted.Dispose();
        return default;
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutLoop))]
    public async Task Wait_for_news_is_always_ended_by_a_cancellation(bool withLoop)
    {
        using var socket = LoopSocket.Accepted(accepted, withLoop ? EventLoop.Next() : null);
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var cancelling = EachRound(_ => socket.CancelReceive(), patience.Token);
        var receiving = Task.Run(async () =>
        {
            for (var round = 1; round <= Rounds; round++)
            {
                await BeginAsync(round);
                var isCancelled = false;
                while (!isCancelled)
                {
                    await socket.WaitForNewsAsync();
                    try
                    {
                        Assert.Equal(-1, socket.TryReceive(buffer));
                    }
                    catch (OperationCanceledException)
                    {
                        isCancelled = true;
                    }
                }
            }
        });

        await Task.WhenAll(receiving, cancelling).WithPatience();
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutLoop))]
    public async Task Receive_is_always_ended_by_a_cancellation(bool withLoop)
    {
        using var socket = LoopSocket.Accepted(accepted, withLoop ? EventLoop.Next() : null);
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var cancelling = EachRound(_ => socket.CancelReceive(), patience.Token);
        var receiving = Task.Run(async () =>
        {
            for (var round = 1; round <= Rounds; round++)
            {
                await BeginAsync(round);
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => socket.ReceiveAsync(buffer).AsTask());
            }
        });

        await Task.WhenAll(receiving, cancelling).WithPatience();
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutLoop))]
    public async Task No_octet_is_lost_to_a_cancellation(bool withLoop)
    {
        using var socket = LoopSocket.Accepted(accepted, withLoop ? EventLoop.Next() : null);
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var cancelled = 0;
        var octet = new byte[1];
        var sending = EachRound(
            round =>
            {
                var isFirst = round % 2 == 0;
                if (isFirst) socket.CancelReceive();
                octet[0] = (byte)round;
                peer.Send(octet);
                if (!isFirst) socket.CancelReceive();
            },
            patience.Token);
        var receiving = Task.Run(async () =>
        {
            for (var round = 1; round <= Rounds; round++)
            {
                await BeginAsync(round);
                var length = 0;
                while (length == 0)
                {
                    try
                    {
                        // One way of waiting after the other.
                        if (round % 3 == 0) await socket.WaitForNewsAsync();
                        if (round % 3 == 1) await socket.WaitForInputAsync(patience.Token);
                        length = await socket.ReceiveAsync(buffer, round % 5 == 0 ? patience.Token : default);
                    }
                    catch (OperationCanceledException) when (!patience.IsCancellationRequested)
                    {
                        cancelled++;
                    }
                }

                Assert.Equal(1, length);
                Assert.Equal((byte)round, buffer[0]);
            }
        });

        await Task.WhenAll(receiving, sending).WithPatience();
        Assert.True(cancelled > 0, "nothing was cancelled");
    }

    /// <summary>On a thread of its own: does it once for each round that has begun, at about the moment when the other comes to wait.</summary>
    private Task EachRound(Action<int> act, CancellationToken patience) => Task.Run(
        () =>
        {
            for (var round = 1; round <= Rounds; round++)
            {
                while (Volatile.Read(ref begun) < round)
                {
                    patience.ThrowIfCancellationRequested();
                    Thread.Yield();
                }

                Thread.SpinWait(Random.Shared.Next(100));
                act(round);
            }
        },
        patience);

    // Back from the thread that ended the last wait, so that the two threads go on at once.
    private async Task BeginAsync(int round)
    {
        await PoolTurn.TakeAsync();
        Volatile.Write(ref begun, round);
    }
}
