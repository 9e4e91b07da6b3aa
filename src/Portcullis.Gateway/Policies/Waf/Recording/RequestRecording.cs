using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Sealing;

namespace Portcullis.Gateway.Policies.Waf.Recording;

/// <summary>
/// Writes a share of the requests into a file, sealed, until it is full. Requests never wait for it: what comes while the disk is busy is left out.
/// </summary>
internal sealed partial class RequestRecording : IAsyncDisposable
{
    // Waiting for the disk; a request's body may be as large as is inspected, so not many.
    private const int MostWaiting = 64;

    private readonly Lazy<KeyRing> keys;
    private readonly ILogger logger;
    private readonly Channel<(RecordedRequest Request, WafRecordOptions Options)> waiting =
        Channel.CreateBounded<(RecordedRequest, WafRecordOptions)>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Task loop;
    private volatile WafRecordOptions? options;
    private volatile WafRecordOptions? full; // the options under which it is full
    private FileStream? file;
    private WafRecordOptions? open;
    private int count;

    public RequestRecording(Lazy<KeyRing> keys, ILogger logger)
    {
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

    /// <summary>Whether the request at hand is one that is recorded.</summary>
    public bool Takes() => options is { } wanted && !wanted.Equals(full) && Random.Shared.NextDouble() < wanted.Sample;

    public void Write(RecordedRequest request)
    {
        if (options is { } wanted) waiting.Writer.TryWrite((request, wanted));
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
        await foreach (var (request, wanted) in waiting.Reader.ReadAllAsync())
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
        }
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
