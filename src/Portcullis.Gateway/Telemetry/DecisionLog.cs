using System.Buffers;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Portcullis.Gateway.Telemetry;

/// <summary>
/// Appends one JSON line per request to a file. Requests write into a memory buffer and never wait for the disk: a background
/// loop writes the buffer out. At the buffer's cap, records are dropped and counted.
/// </summary>
public sealed partial class DecisionLog : IAsyncDisposable
{
    /// <summary>Most octets that wait for the disk. At the cap new records are dropped and counted.</summary>
    internal const int Capacity = 8 * 1024 * 1024;

    /// <summary>Octets after which they are written before their time: while the processor's caches hold them still.</summary>
    private const int Batch = 128 * 1024;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Lock gate = new();
    private readonly GatewayMetrics metrics;
    private readonly AddressMask addresses;
    private readonly ILogger logger;
    private readonly ITimer timer;

    // Holds one signal at the most; more of them would say the same.
    private readonly Channel<bool> due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Task loop;
    private ArrayBufferWriter<byte> filling = new(64 * 1024);
    private ArrayBufferWriter<byte> draining = new(64 * 1024);
    private volatile string? path;
    private FileStream? file;
    private string? openPath;
    private bool failing;

    public DecisionLog(GatewayMetrics metrics, AddressMask addresses, TimeProvider clock, ILogger<DecisionLog> logger)
    {
        this.metrics = metrics;
        this.addresses = addresses;
        this.logger = logger;
        timer = clock.CreateTimer(static state => ((Channel<bool>)state!).Writer.TryWrite(true), due, Interval, Interval);
        loop = Task.Run(DrainAsync);
    }

    /// <summary>Where lines go; null: nowhere. May change at any time; lines already accepted go to the new file.</summary>
    public string? Path
    {
        get => path;
        set => path = value;
    }

    /// <summary>Whether anybody wants records: lets the caller skip building them.</summary>
    public bool IsEnabled => path is not null;

    /// <summary>Takes a record. Never waits for the disk and never throws.</summary>
    public void Write(in DecisionRecord record)
    {
        // Formatted by each thread for itself; under the lock there is one copy.
        var line = DecisionLine.Format(record, addresses.IsOn);
        bool isBatch;
        lock (gate)
        {
            var before = filling.WrittenCount;
            if (before + line.Length > Capacity)
            {
                metrics.DropDecisions(1);
                return;
            }

            filling.Write(line);
            isBatch = before / Batch < filling.WrittenCount / Batch;
        }

        if (isBatch) due.Writer.TryWrite(true);
    }

    /// <summary>Writes what was accepted, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync();
        due.Writer.TryComplete();
        await loop;
        file?.Dispose();
    }

    private async Task DrainAsync()
    {
        await foreach (var _ in due.Reader.ReadAllAsync()) Drain();
        Drain();
    }

    private void Drain()
    {
        lock (gate) (filling, draining) = (draining, filling);

        if (draining.WrittenCount == 0) return;
        try
        {
            Open();
            file?.Write(draining.WrittenSpan);
            failing = false;
        }
        catch (Exception exception)
        {
            // Whatever it is: the next look may find the disk in order, and the loop must be there to look.
            metrics.DropDecisions(draining.WrittenSpan.Count((byte)'\n'));
            if (!failing) LogWriteFailed(logger, openPath ?? path, exception.Message);
            failing = true;
            file?.Dispose();
            file = null;
        }
        finally
        {
            draining.ResetWrittenCount();
        }
    }

    /// <summary>
    /// Opens the file, for its owner alone where it is made, again where the setting changed or the file was rotated away. A pipe, as /dev/stdout
    /// may be, has no length and is never rotated.
    /// </summary>
    private void Open()
    {
        var wanted = path;
        if (file is not null && wanted is not null && wanted == openPath && (!file.CanSeek || IsWhereWeLeftIt(wanted, file))) return;

        file?.Dispose();
        file = null;
        openPath = wanted;
        if (wanted is null) return;

        if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(wanted)) is { } directory) MakeDirectory(directory);
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        file = new FileStream(wanted, options);
        if (file.CanSeek) file.Seek(0, SeekOrigin.End);
    }

    private static void MakeDirectory(string directory)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static bool IsWhereWeLeftIt(string wanted, FileStream open)
        => new FileInfo(wanted) is { Exists: true, Length: var length } && length == open.Position && open.Length >= open.Position;

    [LoggerMessage(EventId = 1301, Level = LogLevel.Error, Message = "The decision log {Path} can't be written: {Reason}. Records are dropped and counted until it can; check the disk and the path's permissions.")]
    private static partial void LogWriteFailed(ILogger logger, string? path, string reason);
}
