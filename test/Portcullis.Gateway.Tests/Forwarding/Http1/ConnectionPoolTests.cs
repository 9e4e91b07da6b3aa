using System.IO.Pipelines;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

public sealed class ConnectionPoolTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task Requests_beyond_the_cap_wait_in_order_and_beyond_the_queue_are_refused()
    {
        var heads = new List<string>();
        await using var server = new RawServer(async peer =>
        {
            while (await peer.ReadHeadAsync() is { } head)
            {
                lock (heads)
                    heads.Add(head.Split(' ')[1]);
                await peer.WriteAsync(Ok);
            }
        });
        await using var client = new TestClient(server, new ConnectionOptions { Maximum = 1, Queue = 3 });
        var held = (await client.Transport.SendAsync(TestClient.Request(target: "/held"), CancellationToken.None)).Response!;

        var waiting = new List<Task<Reply>>();
        for (var i = 0; i < 3; i++)
            waiting.Add(client.SendAsync(TestClient.Request(target: $"/{i}")));
        var refused = await client.GetAsync();
        Assert.Equal(ForwardError.PoolExhausted, refused.Error);
        Assert.All(waiting, w => Assert.False(w.IsCompleted));

        await TestClient.ReadAsync(held);
        await held.DisposeAsync();
        foreach (var task in waiting)
            Assert.Equal("ok", (await task).Body);
        Assert.Equal(["/held", "/0", "/1", "/2"], heads);
        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task Wait_in_the_queue_ends_with_the_token_and_leaves_no_trace()
    {
        await using var server = RawServer.Answering(Ok);
        await using var client = new TestClient(server, new ConnectionOptions { Maximum = 1, Queue = 1 });
        var held = (await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None)).Response!;
        for (var i = 0; i < 3; i++)
        {
            using var patience = new CancellationTokenSource();
            var waiting = client.GetAsync(patience.Token);
            await patience.CancelAsync();
            Assert.Equal(ForwardError.PoolExhausted, (await waiting).Error);
        }

        await TestClient.ReadAsync(held);
        await held.DisposeAsync();
        Assert.Equal("ok", (await client.GetAsync()).Body);
        Assert.Equal(1, client.Transport.OpenConnections);
    }

    [Fact]
    public async Task Slot_of_a_broken_connection_goes_to_who_waits()
    {
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.WriteAsync(peer.Number == 1 ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok" : Ok);
        });
        await using var client = new TestClient(server, new ConnectionOptions { Maximum = 1 });
        var held = (await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None)).Response!;
        var waiting = client.GetAsync();

        await held.DisposeAsync();

        Assert.Equal("ok", (await waiting).Body);
        Assert.Equal(2, server.Accepted);
    }

    [Fact]
    public async Task Connection_used_last_is_used_first()
    {
        var used = new List<int>();
        await using var server = new RawServer(async peer =>
        {
            while (await peer.ReadHeadAsync() is not null)
            {
                lock (used)
                    used.Add(peer.Number);
                await peer.WriteAsync(Ok);
            }
        });
        await using var client = new TestClient(server);
        var first = (await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None)).Response!;
        var second = (await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None)).Response!;
        foreach (var response in new[] { second, first })
        {
            await TestClient.ReadAsync(response);
            await response.DisposeAsync();
        }

        await client.GetAsync();
        await client.GetAsync();

        Assert.Equal([1, 2, 1, 1], used);
    }

    [Fact]
    public async Task Connection_closed_while_idle_is_found_and_replaced_even_for_post()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.WriteAsync(Ok);
            if (peer.Number == 1)
            {
                peer.Close();
                closed.SetResult();
            }
            else
            {
                await peer.ClosedAsync();
            }
        });
        await using var client = new TestClient(server);
        await client.GetAsync();
        await closed.Task;

        Assert.Equal("ok", (await client.SendAsync(TestClient.Request("POST", body: ""))).Body);
        Assert.Equal(2, server.Accepted);
    }

    [Theory]
    [InlineData("GET", null, ForwardError.None)]
    [InlineData("DELETE", null, ForwardError.None)]
    [InlineData("POST", null, ForwardError.StaleConnection)]
    [InlineData("PUT", "body", ForwardError.StaleConnection)]
    public async Task Stale_connection_is_retried_once_and_only_where_that_is_safe(string method, string? body, ForwardError error)
    {
        // Closed upon the second request, before any answer: what the check before use can't see.
        var seen = new List<string>();
        await using var server = new RawServer(async peer =>
        {
            while (await peer.ReadHeadAsync() is { } head)
            {
                lock (seen)
                    seen.Add($"{peer.Number} {head.Split(' ')[0]}");
                if (peer.Number == 1 && seen.Count == 2)
                    return;
                await peer.WriteAsync(Ok);
            }
        });
        await using var client = new TestClient(server);
        await client.GetAsync();

        var reply = await client.SendAsync(TestClient.Request(method, body: body));

        Assert.Equal(error, reply.Error);
        Assert.Equal(error == ForwardError.None ? ["1 GET", $"1 {method}", $"2 {method}"] : ["1 GET", $"1 {method}"], seen);
    }

    [Fact]
    public async Task Fresh_connection_that_closes_is_not_retried()
    {
        await using var server = new RawServer(peer => peer.ReadHeadAsync());
        await using var client = new TestClient(server);

        Assert.Equal(ForwardError.NoResponse, (await client.GetAsync()).Error);
        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task Retry_that_waits_for_a_place_gets_no_used_connection_and_is_the_last()
    {
        // Each connection serves one request and closes upon the second: a used one is always stale.
        var seen = new List<string>();
        var go = new TaskCompletionSource();
        await using var server = new RawServer(async peer =>
        {
            for (var request = 1; await peer.ReadHeadAsync() is { } head; request++)
            {
                var target = head.Split(' ')[1];
                lock (seen)
                    seen.Add($"{peer.Number} {target}");
                if (target == "/slow")
                    await go.Task;
                else if (request > 1)
                    return;
                await peer.WriteAsync(Ok);
            }
        });
        await using var client = new TestClient(server, new ConnectionOptions { Maximum = 1 });
        await client.SendAsync(TestClient.Request(target: "/first"));
        var second = client.SendAsync(TestClient.Request(target: "/second"));
        var slow = client.SendAsync(TestClient.Request(target: "/slow"));
        go.SetResult();

        Assert.Equal("ok", (await second).Body);
        Assert.Equal("ok", (await slow).Body);
        lock (seen)
            Assert.Equal(2, seen.Count(each => each.EndsWith("/second", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Retry_on_a_fresh_connection_takes_the_place_of_an_idle_one_at_the_cap()
    {
        var requests = 0;
        await using var server = new RawServer(async peer =>
        {
            while (await peer.ReadHeadAsync() is not null)
            {
                if (peer.Number <= 2 && Interlocked.Increment(ref requests) > 2)
                    return;
                await peer.WriteAsync(Ok);
            }
        });
        await using var client = new TestClient(server, new ConnectionOptions { Maximum = 2 });
        var first = (await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None)).Response!;
        await client.GetAsync();
        await TestClient.ReadAsync(first);
        await first.DisposeAsync();
        Assert.Equal(2, client.Transport.IdleConnections);

        Assert.Equal("ok", (await client.GetAsync()).Body);
        Assert.InRange(client.Transport.OpenConnections, 1, 2);
        Assert.Equal(3, server.Accepted);
    }

    [Fact]
    public async Task Idle_connections_are_closed_after_the_idle_timeout_and_the_timer_rests_then()
    {
        await using var server = RawServer.Answering(Ok);
        var clock = new ManualTimeProvider();
        await using var client = new TestClient(server, new ConnectionOptions { IdleTimeout = TimeSpan.FromSeconds(10) }, clock);
        await client.GetAsync();
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, client.Transport.OpenConnections);

        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, client.Transport.OpenConnections);
        Assert.Equal(0, clock.ArmedTimers);

        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("ok", (await client.GetAsync()).Body);
        Assert.Equal(1, client.Transport.IdleConnections);
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, client.Transport.IdleConnections);
    }

    [Fact]
    public async Task Connection_is_not_used_beyond_its_lifetime()
    {
        await using var server = RawServer.Answering(Ok);
        var clock = new ManualTimeProvider();
        await using var client = new TestClient(server, new ConnectionOptions { Lifetime = TimeSpan.FromMinutes(1) }, clock);
        for (var i = 0; i < 12; i++)
        {
            await client.GetAsync();
            clock.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(2, server.Accepted);
    }

    [Fact]
    public async Task Idle_connection_that_the_upstream_closed_is_let_go_without_a_request()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            await peer.WriteAsync(Ok);
            peer.Close();
            closed.SetResult();
        });
        var clock = new ManualTimeProvider();
        await using var client = new TestClient(server, clock: clock);
        await client.GetAsync();
        await closed.Task.WaitAsync(Eventually.Patience);

        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(0, client.Transport.OpenConnections);
    }

    [Fact]
    public async Task Disposing_closes_idle_connections_refuses_new_requests_and_waits_for_those_under_way()
    {
        await using var server = RawServer.Answering(Ok);
        var client = new TestClient(server, new ConnectionOptions { Maximum = 2 });
        var held = (await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None)).Response!;
        await client.GetAsync();
        var other = (await client.Transport.SendAsync(TestClient.Request(), CancellationToken.None)).Response!;
        var waiting = client.GetAsync();
        await other.DisposeAsync();
        await waiting;

        var disposing = client.DisposeAsync().AsTask();
        Assert.Equal(ForwardError.PoolExhausted, (await client.GetAsync()).Error);
        Assert.Equal(1, client.Transport.OpenConnections);
        Assert.False(disposing.IsCompleted);
        Assert.Equal("ok", (await TestClient.ReadAsync(held)).Body);
        await held.DisposeAsync();

        await disposing.WaitAsync(Eventually.Patience);
        Assert.Equal(0, client.Transport.OpenConnections);
    }

    [Fact]
    public async Task Nothing_is_left_of_a_thousand_aborted_exchanges()
    {
        var open = 0;
        await using var server = new RawServer(async peer =>
        {
            Interlocked.Increment(ref open);
            try
            {
                while (await peer.ReadHeadAsync() is { } head)
                {
                    var way = head[5] - '0';
                    if (way == 1)
                        await peer.WriteAsync("HTTP/1.1 200 O");
                    else if (way is 2 or 5)
                        await peer.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
                    else if (way == 3)
                        peer.Reset();
                    else if (way == 4)
                        await peer.WriteAsync("garbage\n");
                }
            }
            finally
            {
                Interlocked.Decrement(ref open);
            }
        });
        await using var client = new TestClient(server, new ConnectionOptions { Maximum = 64 });

        async Task AbortAsync(int number)
        {
            var way = number % 7;
            using var patience = new CancellationTokenSource();
            var pipe = new Pipe();
            var request = TestClient.Request(way == 6 ? "POST" : "GET", $"/{way}");
            if (way == 6)
                request.Body = pipe.Reader;
            if (way is 0 or 1 or 6)
                patience.CancelAfter(TimeSpan.FromMilliseconds(number % 20));
            var result = await client.Transport.SendAsync(request, patience.Token);
            if (result.Response is not { } response)
                return;
            if (way == 5)
            {
                using var gone = new CancellationTokenSource(TimeSpan.FromMilliseconds(number % 10));
                await response.CopyBodyAsync(new Pipe().Writer, TimeSpan.FromMinutes(1), gone.Token);
            }

            await response.DisposeAsync();
        }

        await Parallel.ForAsync(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) => await AbortAsync(i)).WaitAsync(Eventually.Patience);

        Assert.Equal(0, client.Transport.OpenConnections);
        for (var waited = TimeProvider.System.GetTimestamp(); Volatile.Read(ref open) > 0 && TimeProvider.System.GetElapsedTime(waited) < Eventually.Patience;)
            await Task.Yield();
        Assert.Equal(0, Volatile.Read(ref open));
        Assert.Equal(0, client.Transport.IdleConnections);
    }

    [Fact]
    public async Task Connection_that_can_not_be_opened_gives_its_slot_back()
    {
        var server = RawServer.Answering(Ok);
        await server.DisposeAsync();
        await using var client = new TestClient(server, new ConnectionOptions { Maximum = 1 });

        for (var i = 0; i < 3; i++)
            Assert.Equal(ForwardError.Connect, (await client.GetAsync()).Error);
        Assert.Equal(0, client.Transport.OpenConnections);
    }
}
