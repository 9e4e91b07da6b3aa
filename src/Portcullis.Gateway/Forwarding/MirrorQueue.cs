using System.IO.Pipelines;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Forwarding.Balancing;
using Portcullis.Gateway.Forwarding.Health;

namespace Portcullis.Gateway.Forwarding;

/// <summary>
/// Sends copies of requests to other clusters, in the background and without effect on the request. Answers are read and
/// dropped.
/// </summary>
internal sealed class MirrorQueue : IAsyncDisposable
{
    /// <summary>Copies that wait; when full, further ones are dropped and counted.</summary>
    public const int Capacity = 256;

    /// <summary>Copies under way at once.</summary>
    private const int Workers = 16;

    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stop = new();
    private readonly Channel<Copy> queue = Channel.CreateBounded<Copy>(Capacity);
    private readonly Lock starting = new();
    private Task[]? workers;

    public MirrorQueue(TimeProvider clock, ILogger logger)
    {
        this.clock = clock;
        this.logger = logger;
    }

    /// <summary>Takes a copy of the request, which is final but for its Host. Never waits.</summary>
    /// <param name="cluster">Where it goes.</param>
    /// <param name="request">Copied before this returns.</param>
    /// <param name="host">Host of the copy.</param>
    /// <param name="body">The whole body; null: none.</param>
    public void Offer(Cluster cluster, UpstreamRequest request, string host, byte[]? body)
    {
        Start();
        var copy = new UpstreamRequest { Method = request.Method, Target = request.Target, Host = host, AcceptsTrailers = request.AcceptsTrailers };
        foreach (var field in request.Fields) copy.Fields.Add(field);
        if (body is not null)
        {
            copy.Body = PipeReader.Create(new(body));
            copy.ContentLength = body.Length;
        }

        if (!queue.Writer.TryWrite(new(cluster, copy))) cluster.CountMirrorDropped();
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await stop.CancelAsync();
        Task[]? running;
        lock (starting) running = workers;
        if (running is not null) await Task.WhenAll(running);
        stop.Dispose();
    }

    private void Start()
    {
        if (Volatile.Read(ref workers) is not null) return;
        lock (starting)
        {
            if (workers is not null) return;
            var started = new Task[Workers];
            for (var i = 0; i < started.Length; i++) started[i] = Task.Run(WorkAsync);
            workers = started;
        }
    }

    private async Task WorkAsync()
    {
        try
        {
            await foreach (var copy in queue.Reader.ReadAllAsync(stop.Token))
            {
                try
                {
                    await SendAsync(copy);
                }
                catch (Exception e) when (e is not OutOfMemoryException && !(e is OperationCanceledException && stop.IsCancellationRequested))
                {
                    ForwardingLog.MirrorFailed(logger, e, copy.Cluster.Name);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The gateway stops; what waits is dropped.
        }
    }

    private async ValueTask SendAsync(Copy copy)
    {
        var tried = default(TriedDestinations);
        if (copy.Cluster.View is not { } view || view.Enter([], StableHash.Of(copy.Request.Target), ref tried, clock.GetTimestamp(), out var ticket, out _) is not { } destination)
        {
            copy.Cluster.CountMirrorDropped();
            return;
        }

        if (copy.Request.Host.Length == 0) copy.Request.Host = destination.Endpoint.Authority;
        var outcome = TryOutcome.Unknown;
        try
        {
            using var deadline = new CancellationTokenSource(view.Options.Timeout, clock);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop.Token);
            var result = await destination.Transport.SendAsync(copy.Request, linked.Token);
            outcome = ForwardOutcome.Of(result.Error, result.Response?.StatusCode ?? 0);
            copy.Cluster.CountMirrored();
            if (result.Response is not { } response) return;
            await using (response)
            {
                await response.CopyBodyAsync(PipeWriter.Create(Stream.Null), view.Options.IdleTimeout, linked.Token);
            }
        }
        finally
        {
            destination.Report(outcome, clock.GetTimestamp(), ticket);
            destination.Leave();
        }
    }

    private sealed record Copy(Cluster Cluster, UpstreamRequest Request);
}
