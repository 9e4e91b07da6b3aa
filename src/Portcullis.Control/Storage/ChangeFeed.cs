using Microsoft.Extensions.Logging;
using Portcullis.Control.Storage.Feed;

namespace Portcullis.Control.Storage;

/// <summary>
/// Tells within a second what changed in the database, whoever changed it. What is kept in memory of the database is valid as long as
/// <see cref="IsCurrent"/> holds; otherwise ask the database itself, so that a lost connection never lets a revoked thing pass.
/// </summary>
public sealed partial class ChangeFeed : IAsyncDisposable
{
    /// <summary>Time between two looks.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>How old the last look may be.</summary>
    internal static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly Store store;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stopping = new();
    private Subscription[] subscriptions = [];
    private Task loop = Task.CompletedTask;
    private long confirmed;
    private volatile bool isConfirmed;

    public ChangeFeed(Store store, TimeProvider clock, ILoggerFactory loggers)
    {
        this.store = store;
        this.clock = clock;
        logger = loggers.CreateLogger<ChangeFeed>();
    }

    /// <summary>Whether all that was committed up to a second ago has been told.</summary>
    public bool IsCurrent => isConfirmed && clock.GetElapsedTime(Volatile.Read(ref confirmed)) < Freshness;

    /// <summary>Begins to look, in the background.</summary>
    public void Start() => loop = Task.Run(() => RunAsync(stopping.Token));

    /// <summary>
    /// Calls <paramref name="changed"/> with the key of what changed, or with null where everything of the topic may have: at first, and whenever
    /// notices may have been lost. Calls come one after another. What it throws is logged and tried again, with null.
    /// </summary>
    public IDisposable Subscribe(string topic, Func<string?, CancellationToken, ValueTask> changed)
    {
        var subscription = new Subscription(this, topic, changed);
        lock (gate) subscriptions = [.. subscriptions, subscription];
        return subscription;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await loop.ConfigureAwait(false);
        stopping.Dispose();
    }

    // Nothing ends the loop but the node. A failure is told once, and then tried again twice a second.
    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var source = store.CreateChangeSource();
        await using var disposal = source.ConfigureAwait(false);
        var isTold = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await source.ConnectAsync(cancellationToken).ConfigureAwait(false);
                Forget();
                var asked = clock.GetTimestamp();
                await TellAsync([], cancellationToken).ConfigureAwait(false);
                Confirm(asked);
                if (isTold) LogRecovered(logger, store.Place);
                isTold = false;
                while (true)
                {
                    var batch = await source.ReadAsync(Interval, clock, cancellationToken).ConfigureAwait(false);
                    if (batch.Notices is null) Forget();
                    await TellAsync(batch.Notices ?? [], cancellationToken).ConfigureAwait(false);
                    Confirm(batch.Asked);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                var explained = store.Explain(exception);
                if (!isTold) LogFailed(logger, store.Place, explained?.Message ?? exception.Message, explained?.Hint ?? "see the database's own log");
                isTold = true;
            }

            try
            {
                await Task.Delay(2 * Interval, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Confirm(long asked)
    {
        Volatile.Write(ref confirmed, asked);
        isConfirmed = true;
    }

    private void Forget()
    {
        foreach (var subscription in Volatile.Read(ref subscriptions)) subscription.IsTold = false;
    }

    private async ValueTask TellAsync(IReadOnlyList<ChangeNotice> notices, CancellationToken cancellationToken)
    {
        foreach (var subscription in Volatile.Read(ref subscriptions))
        {
            if (!subscription.IsTold)
            {
                await subscription.Changed(null, cancellationToken).ConfigureAwait(false);
                subscription.IsTold = true;
                continue;
            }

            foreach (var notice in notices)
            {
                if (notice.Topic == subscription.Topic) await subscription.Changed(notice.Key, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    [LoggerMessage(EventId = 2201, Level = LogLevel.Error, Message = "Changes in {Place} are not noticed: {Problem}. Hint: {Hint}. The database is asked each time until they are.")]
    private static partial void LogFailed(ILogger logger, string place, string problem, string hint);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Warning, Message = "Changes in {Place} are noticed again")]
    private static partial void LogRecovered(ILogger logger, string place);

    private sealed class Subscription(ChangeFeed feed, string topic, Func<string?, CancellationToken, ValueTask> changed) : IDisposable
    {
        public string Topic { get; } = topic;

        public Func<string?, CancellationToken, ValueTask> Changed { get; } = changed;

        /// <summary>Whether it was told to take everything as changed since the feed last connected.</summary>
        public bool IsTold { get; set; }

        public void Dispose()
        {
            lock (feed.gate) feed.subscriptions = [.. feed.subscriptions.Where(each => each != this)];
        }
    }
}
