using Microsoft.Extensions.Logging;
using Portcullis.Control.Keys;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Trust.Keys;

namespace Portcullis.Serving;

/// <summary>Keeps the key ring of a running node current: changes by other processes within a second, scheduled rotation within a minute.</summary>
internal sealed partial class KeyUpkeep : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource stopping = new();
    private readonly ILogger logger;
    private readonly Task loop;
    private DateTime seen;
    private volatile string? problem;

    private KeyUpkeep(KeyRing ring, ILogger logger, TimeProvider clock)
    {
        Ring = new Lazy<KeyRing>(ring);
        this.logger = logger;
        loop = Task.Run(() => RunAsync(ring, clock));
    }

    public Lazy<KeyRing> Ring { get; }

    /// <summary>Why the ring's file as it is now can't be used, so that the keys in memory stay in use; null while all is well.</summary>
    public string? Problem => problem;

    /// <summary>Opens the ring in the data directory, or makes one.</summary>
    public static KeyUpkeep Open(DataDirectory data, GatewayOptions options, ILoggerFactory loggers, TimeProvider clock)
    {
        var ring = KeyRing.Open(data.Keys, KeyPolicies.From(options), clock, WrappingKeyProtection.From(options.Keys.WrappingKey));
        return new KeyUpkeep(ring, loggers.CreateLogger<KeyUpkeep>(), clock);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await loop;
        stopping.Dispose();
        Ring.Value.Dispose();
    }

    private async Task RunAsync(KeyRing ring, TimeProvider clock)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token)) Look(ring, clock);
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    // Nothing ends the loop but the node: whatever goes wrong now is told, and tried again at the next look.
    private void Look(KeyRing ring, TimeProvider clock)
    {
        try
        {
            var written = File.GetLastWriteTimeUtc(ring.FilePath);
            if (written != seen)
            {
                var reload = ring.Reload();
                if (reload.Refusal is { } refusal)
                {
                    Report(refusal.Message, refusal.Hint);
                    return;
                }

                if (reload.Changed) LogReloaded(logger);

                // Two changes within the grain of the file system's clock look like one: what was just written is read once more.
                if (clock.GetUtcNow().UtcDateTime - written > Grain) seen = written;
            }

            if (ring.Advance()) LogAdvanced(logger);
            if (problem is null) return;
            problem = null;
            LogRecovered(logger);
        }
        catch (KeyRingException exception)
        {
            Report(exception.Message, exception.Hint);
        }
        catch (Exception exception)
        {
            Report(exception.Message, "check the disk and the owner of the data directory");
        }
    }

    // Once for each problem, not once a second.
    private void Report(string message, string hint)
    {
        if (problem == message) return;
        problem = message;
        LogFailed(logger, message, hint);
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Information, Message = "Keys were rotated as scheduled")]
    private static partial void LogAdvanced(ILogger logger);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Error, Message = "The key ring can't be read or written: {Problem}. Hint: {Hint}. The keys in memory stay in use.")]
    private static partial void LogFailed(ILogger logger, string problem, string hint);

    [LoggerMessage(EventId = 2103, Level = LogLevel.Information, Message = "The key ring was changed by another process and is in use as it is now")]
    private static partial void LogReloaded(ILogger logger);

    [LoggerMessage(EventId = 2104, Level = LogLevel.Warning, Message = "The key ring can be read and written again, and is in use as it is now")]
    private static partial void LogRecovered(ILogger logger);
}
