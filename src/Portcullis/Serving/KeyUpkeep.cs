using Microsoft.Extensions.Logging;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Trust.Keys;

namespace Portcullis.Serving;

/// <summary>Keeps the key ring of a running node current: changes by other processes within a second, scheduled rotation within a minute.</summary>
internal sealed partial class KeyUpkeep : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>No token lives longer than a day, so a retired key is kept that long.</summary>
    private static readonly TimeSpan LongestToken = TimeSpan.FromHours(24);

    private readonly CancellationTokenSource stopping = new();
    private readonly ILogger logger;
    private readonly Task loop;

    private KeyUpkeep(KeyRing ring, ILogger logger, TimeProvider clock)
    {
        Ring = new Lazy<KeyRing>(ring);
        this.logger = logger;
        loop = Task.Run(() => RunAsync(ring, clock));
    }

    public Lazy<KeyRing> Ring { get; }

    /// <summary>Opens the ring in the data directory, or makes one.</summary>
    public static KeyUpkeep Open(DataDirectory data, IdentityOptions? identity, ILoggerFactory loggers, TimeProvider clock)
    {
        var algorithm = identity?.AccessToken.Algorithm == "ES256" ? KeyAlgorithm.ES256 : KeyAlgorithm.RS256;
        var ring = KeyRing.Open(data.Keys, [KeyPolicy.ForTokens(algorithm, LongestToken), KeyPolicy.ForData()], clock);
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
        var seen = File.GetLastWriteTimeUtc(ring.FilePath);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token))
            {
                try
                {
                    var written = File.GetLastWriteTimeUtc(ring.FilePath);
                    if (written != seen) ring.Reload();
                    if (ring.Advance()) LogAdvanced(logger);
                    seen = written;
                }
                catch (KeyRingException exception)
                {
                    LogFailed(logger, exception.Message, exception.Hint);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Information, Message = "Keys were rotated as scheduled")]
    private static partial void LogAdvanced(ILogger logger);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Error, Message = "The key ring can't be read or written: {Problem}. Hint: {Hint}. The keys in memory stay in use.")]
    private static partial void LogFailed(ILogger logger, string problem, string hint);
}
