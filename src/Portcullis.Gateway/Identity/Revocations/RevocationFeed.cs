using Microsoft.Extensions.Logging;

namespace Portcullis.Gateway.Identity.Revocations;

/// <summary>
/// Keeps the list at what the store holds: reads it twice a second, so that what another node revokes counts here within a second. While the store
/// can't be read, what is known stays in effect, and new tokens can't be had either; nothing counts before the first reading.
/// </summary>
internal sealed partial class RevocationFeed : IAsyncDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RevocationList list;
    private readonly IRevocationStore? store;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly Task running;

    public RevocationFeed(RevocationList list, IRevocationStore? store, TimeProvider clock, ILogger<RevocationFeed> logger)
    {
        this.list = list;
        this.store = store;
        this.clock = clock;
        this.logger = logger;
        if (store is not null) list.Loaded = loaded.Task;
        running = store is null ? Task.CompletedTask : Task.Run(() => RunAsync(store));
    }

    /// <summary>Revokes for good: stored first, then in effect here; other nodes follow.</summary>
    public async ValueTask RevokeAsync(Revocation revocation, CancellationToken cancellationToken)
    {
        if (store is not null) await store.AddAsync(revocation, cancellationToken);
        list.Add(revocation);
    }

    /// <summary>What the store has decided and keeps itself, as the end of a grant, in effect here without waiting for the next reading.</summary>
    public void Apply(Revocation revocation) => list.Add(revocation);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    private async Task RunAsync(IRevocationStore from)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        var cursor = 0L;
        var failed = false;
        try
        {
            do
            {
                try
                {
                    var reading = await from.ReadAsync(cursor, stop.Token);
                    foreach (var revocation in reading.Revocations) list.Add(revocation);
                    cursor = reading.Cursor;
                    if (failed) LogRecovered(logger);
                    failed = false;
                    loaded.TrySetResult();
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    // Once for each outage, not twice a second.
                    if (!failed) LogFailed(logger, exception.Message);
                    failed = true;
                }
            }
            while (await timer.WaitForNextTickAsync(stop.Token));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(EventId = 1602, Level = LogLevel.Error, Message = "Revocations can't be read: {Reason}. Those known stay in effect; newer ones are missed until the store answers.")]
    private static partial void LogFailed(ILogger logger, string reason);

    [LoggerMessage(EventId = 1603, Level = LogLevel.Warning, Message = "Revocations can be read again")]
    private static partial void LogRecovered(ILogger logger);
}
