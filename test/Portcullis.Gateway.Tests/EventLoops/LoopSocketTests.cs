using System.Net.Sockets;
using System.Text;
using Portcullis.Gateway.EventLoops;

namespace Portcullis.Gateway.Tests.EventLoops;

/// <summary>The same promises whether an event loop or the framework's sockets do the waiting.</summary>
public sealed class LoopSocketTests : IAsyncLifetime
{
    private readonly byte[] buffer = new byte[16];
    private Socket peer = null!;
    private Socket accepted = null!;

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
    public async Task Receives_what_is_there_and_what_comes_up_to_the_end(bool withLoop)
    {
        using var socket = Take(withLoop);
        Assert.Equal(-1, socket.TryReceive(buffer));
        var receiving = socket.ReceiveAsync(buffer).AsTask();
        Assert.False(receiving.IsCompleted);
        await peer.SendAsync("one"u8.ToArray());
        Assert.Equal("one", Text(await receiving.WithPatience()));

        // More than is taken in one go stays.
        await peer.SendAsync("two three"u8.ToArray());
        Assert.Equal("two ", Text(await socket.ReceiveAsync(buffer.AsMemory(0, 4)).AsTask().WithPatience()));
        Assert.Equal("three", Text(await socket.ReceiveAsync(buffer).AsTask().WithPatience()));

        receiving = socket.ReceiveAsync(buffer).AsTask();
        Assert.False(receiving.IsCompleted);
        peer.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await receiving.WithPatience());
        Assert.Equal(0, await socket.ReceiveAsync(buffer).AsTask().WithPatience());
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutLoop))]
    public async Task End_behind_the_last_octets_is_seen(bool withLoop)
    {
        using var socket = Take(withLoop);
        var waiting = socket.WaitForInputAsync(CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        await peer.SendAsync("last"u8.ToArray());
        peer.Shutdown(SocketShutdown.Send);
        await waiting.WithPatience();

        Assert.Equal("last", Text(await socket.ReceiveAsync(buffer).AsTask().WithPatience()));
        await socket.WaitForNewsAsync().AsTask().WithPatience();
        Assert.Equal(0, await socket.ReceiveAsync(buffer).AsTask().WithPatience());
        await socket.WaitForInputAsync(CancellationToken.None).AsTask().WithPatience();
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutLoop))]
    public async Task Reset_by_the_peer_is_an_error(bool withLoop)
    {
        using var socket = Take(withLoop);
        var receiving = socket.ReceiveAsync(buffer).AsTask();
        Assert.False(receiving.IsCompleted);
        peer.LingerState = new LingerOption(enable: true, seconds: 0);
        peer.Dispose();

        Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(receiving.WithPatience)).SocketErrorCode);
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutLoop))]
    public async Task Cancelled_receive_ends_and_what_comes_then_is_received(bool withLoop)
    {
        using var socket = Take(withLoop);
        for (var round = 0; round < 3; round++)
        {
            var receiving = socket.ReceiveAsync(buffer).AsTask();
            Assert.False(receiving.IsCompleted);
            socket.CancelReceive();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(receiving.WithPatience);
            await peer.SendAsync("abc"u8.ToArray());
            Assert.Equal("abc", Text(await socket.ReceiveAsync(buffer).AsTask().WithPatience()));
        }
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutLoop))]
    public async Task Cancellation_with_no_receive_pending_is_for_the_next_one_alone(bool withLoop)
    {
        using var socket = Take(withLoop);

        // Where nothing is there, and where something is.
        foreach (var text in (string[])["", "abc"])
        {
            await peer.SendAsync(Encoding.ASCII.GetBytes(text));
            await Eventually.HoldsAsync(() => accepted.Available == text.Length, "the octets arrive");
            socket.CancelReceive();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => socket.ReceiveAsync(buffer).AsTask().WithPatience());
            var receiving = socket.ReceiveAsync(buffer).AsTask();
            if (text.Length == 0)
            {
                Assert.False(receiving.IsCompleted);
                await peer.SendAsync("abc"u8.ToArray());
            }

            Assert.Equal("abc", Text(await receiving.WithPatience()));
        }
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutLoop))]
    public async Task Cancelled_wait_for_input_ends_too(bool withLoop)
    {
        using var socket = Take(withLoop);
        var waiting = socket.WaitForInputAsync(CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        socket.CancelReceive();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(waiting.WithPatience);

        var news = socket.WaitForNewsAsync().AsTask();
        Assert.False(news.IsCompleted);
        socket.CancelReceive();
        await news.WithPatience();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => socket.ReceiveAsync(buffer).AsTask().WithPatience());

        await peer.SendAsync("abc"u8.ToArray());
        await socket.WaitForNewsAsync().AsTask().WithPatience();
        await socket.WaitForInputAsync(CancellationToken.None).AsTask().WithPatience();
        Assert.Equal("abc", Text(await socket.ReceiveAsync(buffer).AsTask().WithPatience()));
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutLoop))]
    public async Task Token_cancels_its_own_wait_and_no_other(bool withLoop)
    {
        using var socket = Take(withLoop);
        using (var stop = new CancellationTokenSource())
        {
            var receiving = socket.ReceiveAsync(buffer, stop.Token).AsTask();
            Assert.False(receiving.IsCompleted);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(receiving.WithPatience);
        }

        using (var stop = new CancellationTokenSource())
        {
            var waiting = socket.WaitForInputAsync(stop.Token).AsTask();
            Assert.False(waiting.IsCompleted);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(waiting.WithPatience);
        }

        await peer.SendAsync("abc"u8.ToArray());
        Assert.Equal("abc", Text(await socket.ReceiveAsync(buffer).AsTask().WithPatience()));
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutLoop))]
    public async Task Slow_reader_gets_all_of_what_no_buffer_holds(bool withLoop)
    {
        var octets = new byte[16 * 1024 * 1024];
        Random.Shared.NextBytes(octets);
        using var socket = Take(withLoop);
        var sending = socket.SendAsync(octets).AsTask();
        Assert.False(sending.IsCompleted);
        var received = new byte[octets.Length];
        for (var at = 0; at < received.Length;)
        {
            using var patience = new CancellationTokenSource(Eventually.Patience);
            at += await peer.ReceiveAsync(received.AsMemory(at, Math.Min(100_000, received.Length - at)), patience.Token);
        }

        await sending.WithPatience();
        Assert.Equal(octets, received);
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutLoop))]
    public async Task Send_that_nobody_takes_can_be_cancelled(bool withLoop)
    {
        using var socket = Take(withLoop);
        using var stop = new CancellationTokenSource();
        var sending = socket.SendAsync(new byte[16 * 1024 * 1024], stop.Token).AsTask();
        Assert.False(sending.IsCompleted);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(sending.WithPatience);
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutLoop))]
    public async Task Closing_ends_what_is_received_and_what_is_sent(bool withLoop)
    {
        var socket = Take(withLoop);
        var receiving = socket.ReceiveAsync(buffer).AsTask();
        var sending = socket.SendAsync(new byte[16 * 1024 * 1024]).AsTask();
        Assert.False(receiving.IsCompleted);
        Assert.False(sending.IsCompleted);
        socket.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(receiving.WithPatience);
        await Assert.ThrowsAsync<ObjectDisposedException>(sending.WithPatience);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => socket.ReceiveAsync(buffer).AsTask().WithPatience());
    }

    [Theory]
    [MemberData(nameof(WithAndWithoutLoop))]
    public async Task Closing_ends_a_wait_that_has_a_token(bool withLoop)
    {
        var socket = Take(withLoop);
        using var never = new CancellationTokenSource();
        var waiting = socket.WaitForInputAsync(never.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        socket.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(waiting.WithPatience);
    }

    private LoopSocket Take(bool withLoop) => LoopSocket.Accepted(accepted, withLoop ? EventLoop.Next() : null);

    private string Text(int length) => Encoding.ASCII.GetString(buffer, 0, length);
}
