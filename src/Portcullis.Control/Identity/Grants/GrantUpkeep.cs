using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Identity.Revocations;

namespace Portcullis.Control.Identity.Grants;

/// <summary>
/// Removes what the token service no longer needs from the database: grants that are over with their codes and tokens, successors whose seconds have
/// passed, revocations and assertions that have expired. In batches, so that others write in between; nodes that do it at once remove the same.
/// </summary>
public sealed partial class GrantUpkeep : IAsyncDisposable
{
    /// <summary>Time between two looks.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    /// <summary>How long a sealed successor stays at least: longer than any grace, so that no decision misses one.</summary>
    internal static readonly TimeSpan SuccessorLife = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a grant is known after its end, so that a replay is recognised: longer than its last access token lives. One that never got a refresh token
    /// is over as long after it was made.
    /// </summary>
    internal static readonly TimeSpan GrantMemory = Revocation.Longest + TimeSpan.FromHours(1);

    /// <summary>Assertions are kept this much longer than they count, for nodes whose clocks differ.</summary>
    internal static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>Rows that one transaction removes.</summary>
    internal const int Batch = 500;

    /// <summary>Transactions for one kind of rows in one look; what is left is for the next.</summary>
    private const int MostBatches = 200;

    private readonly CancellationTokenSource stopping = new();
    private readonly Store store;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private Task loop = Task.CompletedTask;

    internal GrantUpkeep(Store store, TimeProvider clock, ILoggerFactory loggers)
    {
        this.store = store;
        this.clock = clock;
        logger = loggers.CreateLogger<GrantUpkeep>();
    }

    /// <summary>Begins to look, in the background, until it is disposed.</summary>
    public static GrantUpkeep Start(Store store, TimeProvider clock, ILoggerFactory loggers)
    {
        var upkeep = new GrantUpkeep(store, clock, loggers);
        upkeep.loop = Task.Run(upkeep.RunAsync);
        return upkeep;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await loop.ConfigureAwait(false);
        stopping.Dispose();
    }

    /// <summary>One look: removes all that may go.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (spentBefore, overBefore) = (now - SuccessorLife, now - GrantMemory);
        await RepeatAsync(
            context => context.RefreshTokens.Where(token => token.Successor != null && token.Spent < spentBefore).OrderBy(token => token.Hash).Take(Batch)
                .ExecuteUpdateAsync(update => update.SetProperty(token => token.Successor, (byte[]?)null), cancellationToken),
            cancellationToken).ConfigureAwait(false);

        // Tokens first: a grant may have more of them than one transaction should remove.
        await RepeatAsync(
            context => context.RefreshTokens.Where(token => context.Grants.Any(grant => grant.Id == token.GrantId && (grant.Expires < overBefore || grant.Ended < overBefore)))
                .OrderBy(token => token.Hash).Take(Batch).ExecuteDeleteAsync(cancellationToken),
            cancellationToken).ConfigureAwait(false);
        await RepeatAsync(
            context => context.Grants.Where(grant => (grant.Expires < overBefore || grant.Ended < overBefore || (grant.Tokens == 0 && grant.Created < overBefore))
                    && !context.RefreshTokens.Any(token => token.GrantId == grant.Id))
                .OrderBy(grant => grant.Id).Take(Batch).ExecuteDeleteAsync(cancellationToken),
            cancellationToken).ConfigureAwait(false);
        await RepeatAsync(context => context.Revocations.Where(revocation => revocation.Until < now).OrderBy(revocation => revocation.Id).Take(Batch).ExecuteDeleteAsync(cancellationToken), cancellationToken).ConfigureAwait(false);

        var unknownFrom = now - Skew;
        await RepeatAsync(
            context => context.ClientAssertions.Where(assertion => assertion.Until < unknownFrom).OrderBy(assertion => assertion.ClientId).ThenBy(assertion => assertion.IdHash).Take(Batch)
                .ExecuteDeleteAsync(cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task RepeatAsync(Func<StoreContext, Task<int>> remove, CancellationToken cancellationToken)
    {
        for (var batch = 0; batch < MostBatches; batch++)
        {
            if (await store.UseAsync(remove).ConfigureAwait(false) < Batch) return;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    // Nothing ends the loop but the node. A failure is told once, and tried again at the next look.
    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, clock);
        var isTold = false;
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token).ConfigureAwait(false))
            {
                try
                {
                    await SweepAsync(stopping.Token).ConfigureAwait(false);
                    if (isTold) LogRecovered(logger, store.Place);
                    isTold = false;
                }
                catch (Exception exception) when (!stopping.IsCancellationRequested)
                {
                    var explained = exception as StoreException ?? store.Explain(exception);
                    if (!isTold) LogFailed(logger, store.Place, explained?.Message ?? exception.Message, explained?.Hint ?? "see the database's own log");
                    isTold = true;
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    [LoggerMessage(EventId = 2211, Level = LogLevel.Error, Message = "Expired grants, tokens and revocations can't be removed from {Place}: {Problem}. Hint: {Hint}. They have no effect, but take up room.")]
    private static partial void LogFailed(ILogger logger, string place, string problem, string hint);

    [LoggerMessage(EventId = 2212, Level = LogLevel.Warning, Message = "Expired grants, tokens and revocations are removed from {Place} again")]
    private static partial void LogRecovered(ILogger logger, string place);
}
