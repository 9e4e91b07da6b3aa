using System.Collections.Frozen;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Connecting;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Routing;
using Portcullis.Gateway.Telemetry;
using Portcullis.Gateway.Tests.Connections;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>The real listener and pipeline with one route for everything, which forwards.</summary>
internal sealed class ForwardingBench : IAsyncDisposable
{
    private readonly Listener listener;
    private readonly DecisionLog decisions;
    private readonly LastExchange last;
    private readonly FailureLog<RequestRunner> log;

    private ForwardingBench(Listener listener, ClusterRegistry clusters, DecisionLog decisions, LastExchange last, FailureLog<RequestRunner> log, bool isTls)
    {
        this.listener = listener;
        this.decisions = decisions;
        this.last = last;
        this.log = log;
        Clusters = clusters;
        Url = new Uri($"{(isTls ? "https" : "http")}://127.0.0.1:{listener.EndPoint.Port}/");
        Client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        })
        { BaseAddress = Url, Timeout = Eventually.Patience };
    }

    public Uri Url { get; }

    public IPEndPoint EndPoint => listener.EndPoint;

    public HttpClient Client { get; }

    public ClusterRegistry Clusters { get; }

    /// <summary>The private cause of the last refusal or failure.</summary>
    public string? LastCause => last.Cause;

    /// <summary>The runner is meant to have caught something.</summary>
    public bool ExpectsFailures { get; set; }

    public DestinationStatus Destination(string cluster = "main") => Clusters.Describe().Single(each => each.Name == cluster).Destinations[0];

    public static async Task<ForwardingBench> StartAsync(
        TransportKind kind,
        ClusterOptions cluster,
        TimeProvider? clock = null,
        IHostResolver? resolver = null,
        bool isTls = false,
        ClusterOptions? mirror = null,
        double mirrorShare = 1,
        Func<ClusterRegistry, ITerminal>? createTerminal = null,
        IReadOnlyList<Policy>? policies = null,
        Func<UpstreamEndpoint, IUpstreamTransport>? createTransport = null)
    {
        clock ??= TimeProvider.System;
        var clusters = new ClusterRegistry(clock, NullLoggerFactory.Instance, default, createTransport, resolver);
        var all = new Dictionary<string, ClusterOptions>(StringComparer.Ordinal) { ["main"] = cluster with { Protocol = kind.Protocol() } };
        if (mirror is not null) all["mirror"] = mirror;
        clusters.Apply(all);

        var metrics = new GatewayMetrics();
        var decisions = new DecisionLog(metrics, new AddressMask(), TimeProvider.System, NullLogger<DecisionLog>.Instance);
        var last = new LastExchange();
        var terminal = createTerminal?.Invoke(clusters) ?? new ForwardTerminal(
            [new(clusters.Get("main"), 1)],
            mirror is null ? null : new MirrorTarget(clusters.Get("mirror"), mirrorShare, clusters.Mirror),
            timeout: null,
            clusters.States,
            clock);
        Assert.True(RoutePattern.TryParse("/{**rest}", out var pattern, out _));
        var route = new CompiledRoute("all", policies ?? [], new RecordingTerminal(terminal, last), metrics.Route("all"));
        var table = RouteTable<CompiledRoute>.Build([new RouteEntry<CompiledRoute>("all", new RouteMatch { Path = pattern }, route)], out var errors);
        Assert.Empty(errors);
        var snapshots = new SnapshotHolder();
        snapshots.Publish(new GatewaySnapshot
        {
            Version = 1,
            Options = new GatewayOptions(),
            Clusters = new ClusterPlan([]),
            Routes = new Dictionary<string, RouteTable<CompiledRoute>>(StringComparer.Ordinal) { ["test"] = table! }.ToFrozenDictionary(StringComparer.Ordinal),
        });
        var log = new FailureLog<RequestRunner>();
        var runner = new RequestRunner(snapshots, new RequestRecorder(metrics, decisions, TimeProvider.System), log);
        var listener = await Listener.StartAsync("test", isTls ? TestListener.Tls : TestListener.Plain, new DataPlaneApplication(runner), TestListener.Services);
        return new ForwardingBench(listener, clusters, decisions, last, log, isTls);
    }

    /// <summary>Waits until a try is under way that waits for its client, with a timer that has so long to go.</summary>
    public Task AwaitsClientAsync(ManualTimeProvider clock, TimeSpan patience)
        => Eventually.HoldsAsync(() => Destination().InFlight == 1 && clock.HasTimer(patience), "the gateway waits for the client");

    /// <summary>A cluster of these destinations.</summary>
    public static ClusterOptions Cluster(params Uri[] urls) => new()
    {
        Destinations = [.. urls.Select(url => new DestinationOptions { Url = url })],
        Health = new HealthOptions { SlowStart = TimeSpan.Zero },
    };

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await listener.DisposeAsync();
        await Clusters.DisposeAsync();
        await decisions.DisposeAsync();
        if (!ExpectsFailures) Assert.Empty(log.Failures);
    }

    private sealed class LastExchange
    {
        public string? Cause { get; set; }
    }

    private sealed class RecordingTerminal(ITerminal inner, LastExchange last) : ITerminal
    {
        public async ValueTask<Verdict> InvokeAsync(Exchange exchange)
        {
            var verdict = await inner.InvokeAsync(exchange);
            last.Cause = verdict.Cause ?? exchange.Cause;
            return verdict;
        }
    }
}
