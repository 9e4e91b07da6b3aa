using System.Net;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Health;

namespace Portcullis.Gateway.Tests.Forwarding;

public sealed class HealthTests
{
    public static TheoryData<TransportKind> All => Transports.All;

    [Fact]
    public async Task Failures_in_a_row_take_a_destination_out_for_a_while()
    {
        await using var cluster = new TestCluster(TestCluster.Options(Balance.RoundRobin, 1, 1) with { CircuitBreaker = new() { FailureRatio = 1 } });
        var failing = cluster.View.Destinations[0];
        Report(4);
        Assert.True(failing.Describe().IsHealthy);
        failing.Health.ReportRequest(TryOutcome.Success, cluster.Clock.GetTimestamp(), failing.Options.Health);
        Report(4);
        Assert.True(failing.Describe().IsHealthy);
        Report(1);
        Assert.False(failing.Describe().IsHealthy);
        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal(1, cluster.Pick()));
        cluster.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(failing.Describe().IsHealthy);

        void Report(int times)
        {
            for (var i = 0; i < times; i++) failing.Health.ReportRequest(TryOutcome.ServerError, cluster.Clock.GetTimestamp(), failing.Options.Health);
        }
    }

    [Fact]
    public async Task While_none_is_healthy_all_are_tried()
    {
        await using var cluster = new TestCluster(TestCluster.Options(Balance.RoundRobin, 1, 1) with { CircuitBreaker = new() { FailureRatio = 1 } });
        foreach (var destination in cluster.View.Destinations)
        {
            for (var i = 0; i < 5; i++) destination.Health.ReportRequest(TryOutcome.Failure, cluster.Clock.GetTimestamp(), destination.Options.Health);
        }

        var picked = Enumerable.Range(0, 10).Select(_ => cluster.Pick()).ToHashSet();
        Assert.Equal([0, 1], picked.Order());
    }

    [Fact]
    public void Active_checks_need_several_in_a_row_to_change_their_mind()
    {
        var clock = new ManualTimeProvider();
        var health = new HealthState(clock);
        var options = new HealthOptions { SlowStart = TimeSpan.Zero };
        Assert.Null(health.ReportCheck(passed: false, clock.GetTimestamp(), options));
        Assert.Null(health.ReportCheck(passed: true, clock.GetTimestamp(), options));
        Assert.Null(health.ReportCheck(passed: false, clock.GetTimestamp(), options));
        Assert.True(health.IsHealthy(clock.GetTimestamp()));
        Assert.False(health.ReportCheck(passed: false, clock.GetTimestamp(), options));
        Assert.False(health.IsHealthy(clock.GetTimestamp()));
        Assert.Null(health.ReportCheck(passed: true, clock.GetTimestamp(), options));
        Assert.True(health.ReportCheck(passed: true, clock.GetTimestamp(), options));
        Assert.True(health.IsHealthy(clock.GetTimestamp()));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Active_check_asks_the_path_and_follows_its_status(TransportKind kind)
    {
        var clock = new ManualTimeProvider();
        var status = 500;
        var asked = 0;
        await using var upstream = await kind.UpstreamAsync(context =>
        {
            if (context.Request.Path != "/healthz") return context.Response.WriteAsync("served");
            context.Response.StatusCode = Volatile.Read(ref status);
            Interlocked.Increment(ref asked);
            return Task.CompletedTask;
        });

        // The clock runs away from the upstream, so no deadline is in its reach.
        var cluster = ForwardingBench.Cluster(upstream.Address) with
        {
            Health = new HealthOptions { Path = "/healthz", Timeout = TimeSpan.FromDays(20), SlowStart = TimeSpan.Zero },
            Connections = new ConnectionOptions { ConnectTimeout = TimeSpan.FromDays(20) },
        };
        await using var gateway = await ForwardingBench.StartAsync(kind, cluster, clock);
        await Eventually.HoldsAsync(() => Volatile.Read(ref asked) == 1, "the first check runs at once");
        await UntilAsync(isHealthy: false);
        Volatile.Write(ref status, 204);
        await UntilAsync(isHealthy: true);

        async Task UntilAsync(bool isHealthy) => await Eventually.HoldsAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(gateway.Destination().IsHealthy == isHealthy);
            },
            $"healthy: {isHealthy}");
    }

    [Fact]
    public void Circuit_opens_at_the_ratio_and_not_before_the_minimum()
    {
        var clock = new ManualTimeProvider();
        var circuit = new CircuitBreaker(clock);
        var options = new CircuitBreakerOptions { MinimumRequests = 10 };
        for (var i = 0; i < 9; i++) Assert.Null(circuit.Report(TryOutcome.Failure, clock.GetTimestamp(), options));
        Assert.Equal(CircuitState.Open, circuit.Report(TryOutcome.Failure, clock.GetTimestamp(), options));
        Assert.False(circuit.MayTry(clock.GetTimestamp()));
        Assert.False(circuit.TryEnter(clock.GetTimestamp(), out _));
    }

    [Fact]
    public void Failures_below_the_ratio_or_out_of_the_window_leave_it_closed()
    {
        var clock = new ManualTimeProvider();
        var circuit = new CircuitBreaker(clock);
        var options = new CircuitBreakerOptions { MinimumRequests = 10 };
        for (var i = 0; i < 100; i++)
        {
            Assert.Null(circuit.Report(TryOutcome.Success, clock.GetTimestamp(), options));
            if (i % 2 == 0) Assert.Null(circuit.Report(TryOutcome.Failure, clock.GetTimestamp(), options));
        }

        clock.Advance(TimeSpan.FromSeconds(11));
        for (var i = 0; i < 9; i++) Assert.Null(circuit.Report(TryOutcome.Failure, clock.GetTimestamp(), options));
        Assert.Equal(CircuitState.Closed, circuit.StateAt(clock.GetTimestamp()));
    }

    [Fact]
    public void Half_open_circuit_lets_one_probe_through_at_a_time_and_its_outcome_decides()
    {
        var clock = new ManualTimeProvider();
        var circuit = new CircuitBreaker(clock);
        var options = new CircuitBreakerOptions { MinimumRequests = 1 };
        Assert.Equal(CircuitState.Open, circuit.Report(TryOutcome.Failure, clock.GetTimestamp(), options));

        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(CircuitState.HalfOpen, circuit.StateAt(clock.GetTimestamp()));
        Assert.True(circuit.TryEnter(clock.GetTimestamp(), out var first));
        Assert.False(circuit.TryEnter(clock.GetTimestamp(), out _));
        Assert.Equal(CircuitState.Open, circuit.Report(TryOutcome.Failure, clock.GetTimestamp(), options, first));

        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(circuit.TryEnter(clock.GetTimestamp(), out var second));
        Assert.Null(circuit.Report(TryOutcome.Unknown, clock.GetTimestamp(), options, second));
        Assert.True(circuit.TryEnter(clock.GetTimestamp(), out var third));
        Assert.Equal(CircuitState.Closed, circuit.Report(TryOutcome.Success, clock.GetTimestamp(), options, third));
        Assert.True(circuit.TryEnter(clock.GetTimestamp(), out _));
        Assert.True(circuit.TryEnter(clock.GetTimestamp(), out _));
    }

    [Fact]
    public void Requests_from_before_neither_close_nor_hold_a_half_open_circuit()
    {
        var clock = new ManualTimeProvider();
        var circuit = new CircuitBreaker(clock);
        var options = new CircuitBreakerOptions { MinimumRequests = 1 };
        Assert.True(circuit.TryEnter(clock.GetTimestamp(), out var old));
        Assert.Equal(CircuitState.Open, circuit.Report(TryOutcome.Failure, clock.GetTimestamp(), options));
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(circuit.TryEnter(clock.GetTimestamp(), out var probe));
        foreach (var outcome in new[] { TryOutcome.Unknown, TryOutcome.Success, TryOutcome.ServerError, TryOutcome.Failure })
        {
            Assert.Null(circuit.Report(outcome, clock.GetTimestamp(), options, old));
            Assert.Equal(CircuitState.HalfOpen, circuit.StateAt(clock.GetTimestamp()));
            Assert.False(circuit.TryEnter(clock.GetTimestamp(), out _));
        }

        Assert.Equal(CircuitState.Closed, circuit.Report(TryOutcome.Success, clock.GetTimestamp(), options, probe));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Answers_open_no_circuit_whatever_they_say(int status)
    {
        await using var upstream = await TransportKind.Http1.UpstreamAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path == "/bad" ? status : 200;
            return Task.CompletedTask;
        });
        var cluster = ForwardingBench.Cluster(upstream.Address) with { CircuitBreaker = new() { MinimumRequests = 3 } };
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, cluster);
        for (var i = 0; i < 20; i++)
        {
            using var bad = await gateway.Client.GetAsync("/bad");
            Assert.Equal(status, (int)bad.StatusCode);
        }

        await Eventually.HoldsAsync(() => gateway.Destination().Failures == 20, "all are counted");
        Assert.Equal(CircuitState.Closed, gateway.Destination().Circuit);
        using var good = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
    }

    [Fact]
    public async Task Who_opens_all_circuits_does_not_shut_others_out_for_long()
    {
        var clock = new ManualTimeProvider();
        await using var upstream = RawUpstream.Start((connection, head) =>
        {
            if (!head.StartsWith("GET /bad", StringComparison.Ordinal)) return connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            connection.Reset();
            return Task.CompletedTask;
        });
        var cluster = ForwardingBench.Cluster(upstream.Address) with { Retries = 0, CircuitBreaker = new() { MinimumRequests = 3 }, Health = new() { Passive = false } };
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, cluster, clock);
        for (var i = 0; i < 3; i++) (await gateway.Client.GetAsync("/bad")).Dispose();
        Assert.Equal(CircuitState.Open, gateway.Destination().Circuit);

        // The clock stands still: no probe is due.
        for (var i = 1; i < ClusterView.LastResortEvery; i++)
        {
            using var refused = await gateway.Client.GetAsync("/");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        }

        using var served = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.Equal(CircuitState.Closed, gateway.Destination().Circuit);
    }

    [Fact]
    public async Task Full_pool_of_the_gateway_makes_no_destination_unhealthy()
    {
        var clock = new ManualTimeProvider();
        var release = new TaskCompletionSource();
        var checks = 0;
        await using var upstream = await TransportKind.Http1.UpstreamAsync(context =>
        {
            if (context.Request.Path != "/healthz") return release.Task;
            Interlocked.Increment(ref checks);
            return Task.CompletedTask;
        });
        var cluster = ForwardingBench.Cluster(upstream.Address) with
        {
            Connections = new ConnectionOptions { Maximum = 1, Queue = 0 },
            Health = new HealthOptions { Path = "/healthz", SlowStart = TimeSpan.Zero, UnhealthyAfter = 1 },
        };
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, cluster, clock);
        await Eventually.HoldsAsync(() => Volatile.Read(ref checks) == 1, "the first check");

        // Refused until the check has given its connection back.
        Task<HttpResponseMessage> pending;
        do
        {
            pending = gateway.Client.GetAsync("/slow");
            await Eventually.HoldsAsync(() => gateway.Destination().InFlight == 1 || pending.IsCompleted, "the pool is full");
        }
        while (pending.IsCompleted);

        for (var i = 0; i < 100; i++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Yield();
            Assert.True(gateway.Destination().IsHealthy);
        }

        Assert.Equal(1, Volatile.Read(ref checks));
        release.SetResult();
        (await pending).Dispose();
    }

    [Fact]
    public async Task Open_circuits_answer_at_once_and_the_upstream_is_left_alone()
    {
        var clock = new ManualTimeProvider();
        var asked = 0;
        var isBroken = true;
        await using var upstream = await TransportKind.Http1.UpstreamAsync(context =>
        {
            Interlocked.Increment(ref asked);
            if (Volatile.Read(ref isBroken)) context.Abort();
            return Task.CompletedTask;
        });
        var cluster = ForwardingBench.Cluster(upstream.Address) with { Retries = 0, CircuitBreaker = new() { MinimumRequests = 3 }, Health = new() { Passive = false } };
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, cluster, clock);
        for (var i = 0; i < 3; i++) (await gateway.Client.GetAsync("/")).Dispose();
        await Eventually.HoldsAsync(() => gateway.Destination().Circuit == CircuitState.Open, "the circuit opens");
        using (var refused = await gateway.Client.GetAsync("/"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("upstream.unavailable", await refused.CodeAsync());
        }

        Assert.Equal(3, asked);
        Volatile.Write(ref isBroken, false);
        clock.Advance(TimeSpan.FromSeconds(5));
        using var probe = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
        Assert.Equal(CircuitState.Closed, gateway.Destination().Circuit);
    }

    [Fact]
    public async Task Bug_in_a_transport_is_500_and_does_not_keep_the_circuit_from_closing()
    {
        var clock = new ManualTimeProvider();
        await using var upstream = await TransportKind.Http1.UpstreamAsync(static context => context.Response.WriteAsync("ok"));
        var cluster = ForwardingBench.Cluster(upstream.Address) with { CircuitBreaker = new() { MinimumRequests = 1 } };
        var faulty = new FaultyTransport();
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, cluster, clock, createTransport: endpoint =>
        {
            faulty.Inner = UpstreamTransports.Create(endpoint);
            return faulty;
        });
        gateway.ExpectsFailures = true;
        faulty.Fault = Fault.Refuses;
        (await gateway.Client.PostAsync("/", null)).Dispose();
        clock.Advance(TimeSpan.FromSeconds(6));
        faulty.Fault = Fault.Throws;
        using (var response = await gateway.Client.GetAsync("/")) Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        faulty.Fault = Fault.None;
        Assert.Equal("ok", await gateway.Client.GetStringAsync("/"));
    }

    [Fact]
    public void Retries_are_bounded_by_a_share_of_requests_above_the_floor()
    {
        var clock = new ManualTimeProvider();
        var budget = new RetryBudget(clock);
        Assert.Equal(RetryBudget.Floor, Take());
        for (var i = 0; i < 1000; i++) budget.CountRequest(clock.GetTimestamp());
        Assert.Equal(200 - RetryBudget.Floor, Take());
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(RetryBudget.Floor, Take());

        int Take()
        {
            var taken = 0;
            while (taken < 10_000 && budget.TryTake(clock.GetTimestamp(), 0.2)) taken++;
            return taken;
        }
    }

    [Fact]
    public async Task Exhausted_budget_ends_retries()
    {
        var clock = new ManualTimeProvider();
        await using var upstream = RawUpstream.Saying("nonsense\r\n\r\n");
        var cluster = ForwardingBench.Cluster(upstream.Address) with { Retries = 10, RetryBudget = 0, CircuitBreaker = new() { FailureRatio = 1 } };
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, cluster, clock);
        for (var i = 0; i < 5; i++) (await gateway.Client.GetAsync("/")).Dispose();
        Assert.Equal(5 + RetryBudget.Floor, upstream.Requests);
        Assert.Equal(RetryBudget.Floor, gateway.Clusters.Describe().Single().Retries);
    }

    private enum Fault
    {
        None,
        Refuses,
        Throws,
    }

    private sealed class FaultyTransport : IUpstreamTransport
    {
        public IUpstreamTransport Inner { get; set; } = null!;

        public Fault Fault { get; set; }

        public ValueTask<UpstreamResult> SendAsync(UpstreamRequest request, CancellationToken cancellationToken) => Fault switch
        {
            Fault.Throws => throw new InvalidOperationException("a bug"),
            Fault.Refuses => new(UpstreamResult.Failed(ForwardError.NoResponse, "nothing")),
            _ => Inner.SendAsync(request, cancellationToken),
        };

        public ValueTask DisposeAsync() => Inner.DisposeAsync();
    }
}
