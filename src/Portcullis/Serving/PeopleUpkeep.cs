using Microsoft.Extensions.Logging;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Trust.Sealing;

namespace Portcullis.Serving;

/// <summary>
/// What a running node does by and by with the data of people: sessions that are over are removed, and after a rotation of the data key every sealed value is sealed anew, so that
/// the retired key can be destroyed without loss. Both go on where another node or a former process stopped.
/// </summary>
internal sealed partial class PeopleUpkeep : IAsyncDisposable
{
    /// <summary>A start has better to do.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan SealingInterval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan RemovalInterval = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource stopping = new();
    private readonly PeopleStores people;
    private readonly Func<SessionRules> rules;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly Task loops;

    private PeopleUpkeep(PeopleStores people, Func<SessionRules> rules, ILogger logger, TimeProvider clock)
    {
        (this.people, this.rules, this.logger, this.clock) = (people, rules, logger, clock);
        loops = Task.WhenAll(Task.Run(SealAsync), Task.Run(RemoveAsync));
    }

    /// <summary>Begins, in the background.</summary>
    /// <param name="people">The stores.</param>
    /// <param name="rules">When sessions are over, by the configuration as it is at the time.</param>
    /// <param name="loggers">Where it is told.</param>
    /// <param name="clock">The time.</param>
    public static PeopleUpkeep Start(PeopleStores people, Func<SessionRules> rules, ILoggerFactory loggers, TimeProvider clock)
        => new(people, rules, loggers.CreateLogger<PeopleUpkeep>(), clock);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await loops;
        stopping.Dispose();
    }

    private async Task SealAsync()
    {
        try
        {
            await Task.Delay(Rest, clock, stopping.Token);

            // What fails is told and tried again in there: nothing ends it but the node.
            var resealer = new Resealer(people.Sealer, clock);
            await resealer.WatchAsync(
                people.SealedColumns(), SealingInterval, new Told(logger), (store, exception) => LogSealingFailed(logger, store.Name, exception.Message), stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    // Nothing ends the loop but the node: a failure is told, and tried again at the next turn.
    private async Task RemoveAsync()
    {
        try
        {
            await Task.Delay(Rest, clock, stopping.Token);
            using var timer = new PeriodicTimer(RemovalInterval, clock);
            do
            {
                try
                {
                    await new SessionRegistry(people.Sessions, rules(), clock).RemoveOverAsync(stopping.Token);
                }
                catch (Exception exception) when (!stopping.IsCancellationRequested)
                {
                    LogRemovalFailed(logger, exception.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    [LoggerMessage(EventId = 2301, Level = LogLevel.Information, Message = "{Column}: {Resealed} values were sealed anew under the active data key")]
    private static partial void LogResealed(ILogger logger, string column, long resealed);

    [LoggerMessage(EventId = 2302, Level = LogLevel.Warning, Message = "{Column}: {Lost} values lie under a data key that is gone, {Damaged} do not open although their key is there; they were left as they are")]
    private static partial void LogUnreadable(ILogger logger, string column, long lost, long damaged);

    [LoggerMessage(EventId = 2303, Level = LogLevel.Error, Message = "{Column} can't be sealed anew under the active data key: {Problem}. It is tried again; do not destroy the retired key until then.")]
    private static partial void LogSealingFailed(ILogger logger, string column, string problem);

    [LoggerMessage(EventId = 2304, Level = LogLevel.Error, Message = "Sessions that are over can't be removed: {Problem}. They sign nobody in; it is tried again.")]
    private static partial void LogRemovalFailed(ILogger logger, string problem);

    private sealed class Told(ILogger logger) : IProgress<ResealReport>
    {
        public void Report(ResealReport value)
        {
            if (!value.IsDone) return;
            if (value.Resealed > 0) LogResealed(logger, value.Store, value.Resealed);
            if (value.Lost + value.Damaged > 0) LogUnreadable(logger, value.Store, value.Lost, value.Damaged);
        }
    }
}
