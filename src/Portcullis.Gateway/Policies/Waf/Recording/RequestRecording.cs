using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Telemetry;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Gateway.Policies.Waf.Recording;

/// <summary>
/// Writes a share of the requests into a file, sealed, until it is full. Requests never wait for it: what comes while the disk is busy is left out, and so is what
/// there is no memory for (<c>waf.bodyMemory</c>, which requests that wait for the disk count in).
/// </summary>
internal sealed partial class RequestRecording : IAsyncDisposable
{
    /// <summary>Requests that wait for the disk. Their octets are bounded, too.</summary>
    private const int MostWaiting = 64;

    /// <summary>What a request takes while it waits and is sealed, by the octet of it: itself, its text with the body in base 64, and the sealed text.</summary>
    private const int Copies = 4;

    /// <summary>And besides: its objects.</summary>
    private const int Overhead = 4 * 1024;

    private readonly BodyMemory memory;
    private readonly Lazy<KeyRing> keys;
    private readonly ILogger logger;
    private readonly Channel<(RecordedRequest Request, long Octets, WafRecordOptions Options)> waiting =
        Channel.CreateBounded<(RecordedRequest, long, WafRecordOptions)>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly Task loop;
    private volatile WafRecordOptions? options;
    private volatile WafRecordOptions? full; // the options under which it is full
    private FileStream? file;
    private WafRecordOptions? open;
    private int count;

    public RequestRecording(Lazy<KeyRing> keys, BodyMemory memory, ILogger logger)
    {
        this.memory = memory;
        this.keys = keys;
        this.logger = logger;
        loop = Task.Run(RunAsync);
    }

    /// <summary>What is recorded; null: nothing. May change at any time.</summary>
    public WafRecordOptions? Options
    {
        get => options;
        set => options = value;
    }

    /// <summary>Records the exchange, which is over, if it is one of the share.</summary>
    /// <param name="exchange">What was sent.</param>
    /// <param name="body">Its body as far as it was inspected.</param>
    /// <param name="decision">What the rules made of it.</param>
    /// <param name="time">When.</param>
    public void Offer(Exchange exchange, ReadOnlyMemory<byte> body, WafDecision decision, DateTimeOffset time)
    {
        if (options is not { } wanted || wanted.Equals(full) || Random.Shared.NextDouble() >= wanted.Sample) return;

        // Before anything is copied.
        var octets = Overhead + (Copies * (long)(body.Length + exchange.RawTarget.Length + FieldOctets(exchange.RequestHeaders)));
        if (!memory.TryTakeSpare(octets)) return;
        if (!waiting.Writer.TryWrite((Capture.Of(exchange, body, decision, time), octets, wanted))) memory.Return(octets);
    }

    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await loop;
        file?.Dispose();
    }

    private async Task RunAsync()
    {
        var isFailing = false;
        await foreach (var (request, octets, wanted) in waiting.Reader.ReadAllAsync())
        {
            try
            {
                Append(request, wanted);
                isFailing = false;
            }
            catch (Exception exception)
            {
                // Whatever it is: the next request may find the disk in order.
                if (!isFailing) LogFailed(logger, wanted.Path, exception.Message);
                isFailing = true;
                file?.Dispose();
                file = null;
            }

            memory.Return(octets);
        }
    }

    private static int FieldOctets(IHeaderDictionary fields)
    {
        var octets = 0;
        foreach (var (name, values) in fields)
        {
            foreach (var value in values) octets += name.Length + (value?.Length ?? 0);
        }

        return octets;
    }

    private void Append(RecordedRequest request, WafRecordOptions wanted)
    {
        if (wanted.Equals(full)) return;
        if (file is null || !wanted.Equals(open)) Open(wanted);
        var sealedRequest = RecordFile.Seal(request, new Sealer(keys.Value, KeyPurpose.Data));
        if (count >= wanted.MaxRequests || file!.Position + sealedRequest.Length > wanted.MaxBytes)
        {
            full = wanted;
            LogFull(logger, wanted.Path, count);
            return;
        }

        file.Write(sealedRequest);
        file.Flush();
        count++;
    }

    // For its owner alone. What a crash has cut off at the end is written over.
    private void Open(WafRecordOptions wanted)
    {
        file?.Dispose();
        file = null;
        open = wanted;
        if (Path.GetDirectoryName(wanted.Path) is { Length: > 0 } directory) Directory.CreateDirectory(directory);
        var how = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var opened = new FileStream(wanted.Path, how);
        if (opened.Length == 0) opened.Write(RecordFile.Name);
        else if (!RecordFile.IsOne(wanted.Path))
        {
            opened.Dispose();
            throw new IOException("it holds something else; name another file");
        }

        (count, var end) = RecordFile.Measure(wanted.Path);
        opened.SetLength(end);
        opened.Seek(end, SeekOrigin.Begin);
        file = opened;
    }

    [LoggerMessage(EventId = 1502, Level = LogLevel.Error, Message = "Requests can't be recorded in {Path}: {Reason}")]
    private static partial void LogFailed(ILogger logger, string path, string reason);

    [LoggerMessage(EventId = 1503, Level = LogLevel.Warning, Message = "{Path} is full with {Count} requests; no more are recorded")]
    private static partial void LogFull(ILogger logger, string path, int count);
}
