using System.Buffers;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Portcullis.Gateway.Telemetry;

/// <summary>
/// Appends one JSON line per request to a file. Requests write into a memory buffer and never wait for the disk: a background
/// loop writes the buffer out. At the buffer's cap, records are dropped and counted.
/// </summary>
public sealed partial class DecisionLog : IAsyncDisposable
{
    /// <summary>Most octets that wait for the disk. At the cap new records are dropped and counted.</summary>
    private const int Capacity = 8 * 1024 * 1024;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly JsonWriterOptions Json = new() { SkipValidation = true };

    private readonly Lock gate = new();
    private readonly GatewayMetrics metrics;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task loop;
    private ArrayBufferWriter<byte> filling = new(64 * 1024);
    private ArrayBufferWriter<byte> draining = new(64 * 1024);
    private readonly Utf8JsonWriter writer;
    private volatile string? path;
    private FileStream? file;
    private string? openPath;
    private bool failing;

    public DecisionLog(GatewayMetrics metrics, TimeProvider clock, ILogger<DecisionLog> logger)
    {
        this.metrics = metrics;
        this.clock = clock;
        this.logger = logger;
        writer = new Utf8JsonWriter(filling, Json);
        loop = Task.Run(DrainAsync);
    }

    /// <summary>Where lines go; null: nowhere. May change at any time; lines already accepted go to the new file.</summary>
    public string? Path
    {
        get => path;
        set => path = value;
    }

    /// <summary>Shortens addresses to /24 and /48.</summary>
    public bool MaskAddresses { get; set; }

    /// <summary>Whether anybody wants records: lets the caller skip building them.</summary>
    public bool IsEnabled => path is not null;

    /// <summary>Takes a record. Never blocks on the disk and never throws.</summary>
    public void Write(in DecisionRecord record)
    {
        lock (gate)
        {
            if (filling.WrittenCount > Capacity)
            {
                metrics.DropDecisions(1);
                return;
            }

            writer.Reset(filling);
            WriteJson(writer, record, MaskAddresses);
            writer.Flush();
            filling.Write("\n"u8);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await loop;
        await writer.DisposeAsync();
        file?.Dispose();
        stopping.Dispose();
    }

    internal static void WriteJson(Utf8JsonWriter json, in DecisionRecord record, bool maskAddresses)
    {
        json.WriteStartObject();
        json.WriteString("time"u8, record.Time);
        json.WriteString("requestId"u8, record.RequestId);
        if (!record.TraceParent.AsSpan(3, 32).SequenceEqual(record.RequestId)) json.WriteString("traceId"u8, record.TraceParent.AsSpan(3, 32));
        json.WriteString("listener"u8, record.Listener);
        if (record.Route is null) json.WriteNull("route"u8);
        else json.WriteString("route"u8, record.Route);
        json.WriteString("method"u8, Truncate(record.Method, 32));
        json.WriteString("host"u8, record.Host.Name);
        json.WriteString("path"u8, Truncate(record.Path.Span, 1024));
        json.WriteString("protocol"u8, record.Protocol);
        if (record.Code is null) json.WriteNull("code"u8);
        else json.WriteString("code"u8, record.Code);
        json.WriteNumber("status"u8, record.Status);
        if (string.IsNullOrEmpty(record.Caller)) json.WriteNull("caller"u8);
        else json.WriteString("caller"u8, Truncate(record.Caller, 256));
        Span<char> address = stackalloc char[64];
        json.WriteString("address"u8, AddressText.Format(record.Address, maskAddresses, address));
        json.WriteNumber("durationMs"u8, Math.Round(record.Duration.TotalMilliseconds, 3));
        json.WriteNumber("upstreamMs"u8, Math.Round(record.Upstream.TotalMilliseconds, 3));
        if (record.Destination is not null) json.WriteString("destination"u8, record.Destination);
        json.WriteNumber("responseBytes"u8, record.ResponseBytes);
        if (record.Shadowed is not null) json.WriteString("shadowed"u8, record.Shadowed);
        if (record.Cause is not null) json.WriteString("cause"u8, Truncate(record.Cause, 512));
        json.WriteEndObject();
    }

    private static ReadOnlySpan<char> Truncate(ReadOnlySpan<char> text, int length) => text.Length <= length ? text : text[..length];

    private async Task DrainAsync()
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token)) Drain();
        }
        catch (OperationCanceledException)
        {
            // The host stops: what was accepted is still written below.
        }

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
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
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

    /// <summary>Opens the file, again where the setting changed or the file was rotated away. A pipe, as /dev/stdout may be, has no length and is never rotated.</summary>
    private void Open()
    {
        var wanted = path;
        if (file is not null && wanted is not null && wanted == openPath && (!file.CanSeek || IsWhereWeLeftIt(wanted, file))) return;

        file?.Dispose();
        file = null;
        openPath = wanted;
        if (wanted is null) return;

        if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(wanted)) is { } directory) Directory.CreateDirectory(directory);
        file = new FileStream(wanted, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
        if (file.CanSeek) file.Seek(0, SeekOrigin.End);
    }

    private static bool IsWhereWeLeftIt(string wanted, FileStream open)
        => new FileInfo(wanted) is { Exists: true, Length: var length } && length == open.Position && open.Length >= open.Position;

    [LoggerMessage(EventId = 1301, Level = LogLevel.Error, Message = "The decision log {Path} can't be written: {Reason}. Records are dropped and counted until it can; check the disk and the path's permissions.")]
    private static partial void LogWriteFailed(ILogger logger, string? path, string reason);
}
