using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Connections.Http1;

/// <summary>A client that sends one request behind the other takes no thread from others, be it a loop's or the one that accepts.</summary>
public sealed class PipeliningTests
{
    // Few enough to be received in one go, and far more than are served in one.
    private const int Pipelined = 300;

    // Some place well behind the first turn.
    private const int Late = 100;

    private const string Mine = "GET /mine HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Another = "GET /another HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Where = "GET /where HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task Another_on_the_same_loop_is_served_meanwhile()
    {
        Requirement.System(OperatingSystem.IsLinux(), "there are event loops on Linux only");
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var isSent = new ManualResetEventSlim();
        using var isServed = new ManualResetEventSlim();
        var mine = 0;
        var hadTurn = false;
        var application = new EchoApplication
        {
            Handler = context =>
            {
                var path = context.GetRequiredPath();
                if (path == "/another") isServed.Set();
                if (path == "/mine" && ++mine == 1)
                {
                    // The loop's thread stays here until the other request is there: from then on it has both to choose from.
                    begun.SetResult();
                    isSent.Wait(Eventually.Patience);
                }
                else if (path == "/mine" && mine == Late)
                {
                    hadTurn = isServed.Wait(Eventually.Patience);
                }

                return EchoApplication.AnswerAsync(context, Thread.CurrentThread.Name ?? "another thread");
            },
        };
        await using var listener = await TestListener.StartAsync(TestListener.Plain, application);
        var connections = new List<RawConnection>();
        var byLoop = new Dictionary<string, RawConnection>(StringComparer.Ordinal);
        RawConnection? first = null;
        RawConnection? second = null;
        while (first is null)
        {
            second = await RawConnection.OpenAsync(listener.EndPoint);
            connections.Add(second);
            var loop = await LoopOfAsync(second);
            if (!byLoop.TryAdd(loop, second)) first = byLoop[loop];
        }

        await first.SendAsync(string.Concat(Enumerable.Repeat(Mine, Pipelined)));
        await begun.Task.WithPatience();
        await second!.SendAsync(Another);
        isSent.Set();

        Assert.StartsWith("HTTP/1.1 200", await second.ReadResponseAsync(), StringComparison.Ordinal);
        for (var i = 0; i < Pipelined; i++) Assert.StartsWith("HTTP/1.1 200", await first.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.True(hadTurn);
        foreach (var connection in connections) await connection.DisposeAsync();
    }

    [Fact]
    public async Task Connections_are_accepted_meanwhile()
    {
        using var isServed = new ManualResetEventSlim();
        var mine = 0;
        var hadTurn = false;
        var application = new EchoApplication
        {
            Handler = context =>
            {
                var path = context.GetRequiredPath();
                if (path == "/another") isServed.Set();

                // The first is quick and may run where connections are accepted; what is behind it may not.
                if (path == "/mine" && ++mine == 2) hadTurn = isServed.Wait(Eventually.Patience);
                return EchoApplication.AnswerAsync(context, "ok");
            },
        };

        // Both connections, and what they have to say, are there before the first is accepted.
        var plan = ListenerPlan.Prepare("test", TestListener.Plain, null, TestListener.Services, NullLogger.Instance);
        Assert.True(plan.TryBind(out _));
        await using var listener = Listener.Create<IFeatureCollection>(plan, null, application, TestListener.Services);
        await using var first = await RawConnection.OpenAsync(plan.Socket!.EndPoint);
        await first.SendAsync(string.Concat(Enumerable.Repeat(Mine, Pipelined)));
        await using var second = await RawConnection.OpenAsync(plan.Socket.EndPoint);
        await second.SendAsync(Another);
        listener.Open();

        Assert.StartsWith("HTTP/1.1 200", await second.ReadResponseAsync(), StringComparison.Ordinal);
        for (var i = 0; i < Pipelined; i++) Assert.StartsWith("HTTP/1.1 200", await first.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.True(hadTurn);
    }

    [Fact]
    public async Task Others_are_answered_while_a_client_pipelines_without_end()
    {
        const int Requests = 20;
        await using var gateway = await TestGateway.StartAsync("listeners: { public: { address: \"127.0.0.1:0\" } }");
        await using var greedy = await RawConnection.OpenAsync(gateway.EndPoint());
        var block = string.Concat(Enumerable.Repeat(Mine, 2000));
        using var stop = new CancellationTokenSource();
        var answered = 0L;
        var sending = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await greedy.SendAsync(block);
            greedy.EndSending();
        });
        var reading = Task.Run(async () =>
        {
            var buffer = new byte[1 << 16];
            while (await greedy.Stream.ReadAsync(buffer) is > 0 and var length) Interlocked.Add(ref answered, length);
        });
        await Eventually.HoldsAsync(() => Interlocked.Read(ref answered) > 0, "the first answers");

        // On each loop one at least.
        for (var i = 0; i < Environment.ProcessorCount * 2; i++)
        {
            var before = Interlocked.Read(ref answered);
            await using var other = await RawConnection.OpenAsync(gateway.EndPoint());
            for (var request = 0; request < Requests; request++)
            {
                await other.SendAsync(Another);
                Assert.StartsWith("HTTP/1.1 404", await other.ReadResponseAsync(), StringComparison.Ordinal);
            }

            await Eventually.HoldsAsync(() => Interlocked.Read(ref answered) > before, "more answers");
        }

        await stop.CancelAsync();
        await sending.WithPatience();
        await reading.WithPatience();
    }

    /// <summary>The name of the thread that the connection's requests begin on once it has been waited for.</summary>
    private static async Task<string> LoopOfAsync(RawConnection connection)
    {
        var name = string.Empty;
        await Eventually.HoldsAsync(
            async () =>
            {
                await connection.SendAsync(Where);
                var answer = await connection.ReadResponseAsync();
                name = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
                return name.StartsWith("Event loop", StringComparison.Ordinal);
            },
            "a request is served on a loop's thread");
        return name;
    }
}
