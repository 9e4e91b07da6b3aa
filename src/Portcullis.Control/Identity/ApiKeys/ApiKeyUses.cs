using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portcullis.Control.Storage;

namespace Portcullis.Control.Identity.ApiKeys;

/// <summary>
/// Writes the day on which each key was last used, every few seconds and once more at the end. What can't be written is tried again; at most one entry for each key
/// waits.
/// </summary>
public sealed partial class ApiKeyUses : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentDictionary<string, DateOnly> waiting = new(StringComparer.Ordinal);
    private readonly Store store;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly Task running;
    private bool isTold;

    /// <param name="store">The database.</param>
    /// <param name="clock">Says when.</param>
    /// <param name="loggers">Is told of the first failure of several.</param>
    public ApiKeyUses(Store store, TimeProvider clock, ILoggerFactory loggers)
    {
        this.store = store;
        this.clock = clock;
        logger = loggers.CreateLogger<ApiKeyUses>();
        running = Task.Run(() => RunAsync(stopping.Token));
    }

    /// <summary>That the key was used on a day.</summary>
    internal void Add(string keyId, DateOnly day) => waiting[keyId] = day;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        stopping.Dispose();
        await WriteAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false)) await WriteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var use in waiting)
            {
                await WriteAsync(use.Key, new DateTimeOffset(use.Value.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero), cancellationToken).ConfigureAwait(false);

                // Only what was written: a later day that came meanwhile stays.
                waiting.TryRemove(use);
            }

            if (isTold) LogRecovered(logger);
            isTold = false;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Once for each outage.
            if (!isTold) LogFailed(logger, exception.Message);
            isTold = true;
        }
    }

    // Never back: another node may have written a later day.
    private Task<int> WriteAsync(string keyId, DateTimeOffset day, CancellationToken cancellationToken) => store.UseAsync(context => context.ApiKeys
        .Where(row => row.Prefix == keyId && (row.LastUsed == null || row.LastUsed < day))
        .ExecuteUpdateAsync(row => row.SetProperty(key => key.LastUsed, day), cancellationToken));

    [LoggerMessage(EventId = 2320, Level = LogLevel.Error, Message = "When API keys were last used can't be recorded: {Problem}. It is tried again; the keys count all the same.")]
    private static partial void LogFailed(ILogger logger, string problem);

    [LoggerMessage(EventId = 2321, Level = LogLevel.Warning, Message = "When API keys were last used is recorded again")]
    private static partial void LogRecovered(ILogger logger);
}
