using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration.Binding;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// Notices that a configuration changed: the file itself, what its symbolic links point to (Kubernetes swaps a link to a whole
/// directory), and the files whose text is filled in. Directory events give speed, a look every few seconds gives certainty:
/// events get lost on network file systems and when a directory is replaced. Calls back once per settled change of content,
/// never for a touch, and never twice at the same time.
/// </summary>
public sealed partial class ConfigurationWatcher : IAsyncDisposable
{
    /// <summary>Time between two looks without an event.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(3);

    /// <summary>Quiet time after an event before the files are read, so that a file written in pieces is read whole.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    // Bounds what one configuration can make the process watch; further files are still polled.
    private const int MostDirectories = 64;

    private readonly string file;
    private readonly Func<CancellationToken, Task> changed;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim signal = new(0);
    private readonly Lock gate = new();
    private readonly Dictionary<string, FileSystemWatcher> watchers = new(StringComparer.Ordinal);
    private Dictionary<string, string> known;
    private bool isSignalled;
    private bool isForced;
    private bool isDisposed;
    private Task loop = Task.CompletedTask;

    /// <param name="file">The configuration file. It need not exist yet.</param>
    /// <param name="changed">Loads and applies. Called on a pool thread; what it throws is logged.</param>
    /// <param name="clock">Measures quiet time and polls.</param>
    /// <param name="logger">Gets failures of <paramref name="changed"/> and of watching.</param>
    /// <remarks>
    /// The content of the file at construction counts as known until <see cref="Loaded"/> tells what is.
    /// </remarks>
    public ConfigurationWatcher(string file, Func<CancellationToken, Task> changed, TimeProvider clock, ILogger logger)
    {
        this.file = Path.GetFullPath(file);
        this.changed = changed;
        this.clock = clock;
        this.logger = logger;
        known = new(StringComparer.Ordinal) { [this.file] = Fingerprint(this.file) };
    }

    /// <summary>Begins to watch.</summary>
    public void Start()
    {
        WatchDirectories();
        loop = RunAsync();
    }

    /// <summary>
    /// Tells what was loaded: its files are watched from now on, and what differs from the bytes that the load has read is a change.
    /// Call it after every load.
    /// </summary>
    public void Loaded(LoadResult result)
    {
        lock (gate)
        {
            var loaded = new Dictionary<string, string>(result.Fingerprints, StringComparer.Ordinal);
            loaded.TryAdd(file, known[file]);
            known = loaded;
        }

        WatchDirectories();
    }

    /// <summary>Loads again at once, changed or not, as for SIGHUP: certificates and other files may be what changed.</summary>
    public void ReloadNow()
    {
        lock (gate) isForced = true;
        Signal();
    }

    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            if (isDisposed) return;
            isDisposed = true;
            foreach (var watcher in watchers.Values) watcher.Dispose();
            watchers.Clear();
        }

        await stop.CancelAsync();
        await loop;
        stop.Dispose();
        signal.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await WaitAsync();
                if (IsDue()) await CallAsync();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The owner ended it.
        }
    }

    // Until an event and the quiet after it, or until the next look is due.
    private async Task WaitAsync()
    {
        using (var poll = new CancellationTokenSource(PollInterval, clock))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(poll.Token, stop.Token))
        {
            try
            {
                await signal.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return;
            }
        }

        bool forced;
        lock (gate) forced = isForced;
        if (!forced) await Task.Delay(Quiet, clock, stop.Token);
        lock (gate) isSignalled = false;
    }

    private bool IsDue()
    {
        lock (gate)
        {
            var forced = isForced;
            isForced = false;

            var current = known.Keys.ToDictionary(path => path, Fingerprint, StringComparer.Ordinal);
            var isChanged = current.Any(pair => known[pair.Key] != pair.Value);
            known = current;
            return forced || isChanged;
        }
    }

    private async Task CallAsync()
    {
        try
        {
            await changed(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // A background loop: a failed reload must not end the watch.
        catch (Exception exception)
        {
            LogFailed(logger, exception, file);
        }
#pragma warning restore CA1031

        // A directory that was replaced has to be watched anew.
        WatchDirectories();
    }

    // With the limits of the loader, so that both call the same content the same.
    private string Fingerprint(string path) => BoundedFile.Fingerprint(path, path == file ? ConfigurationLoader.MaximumBytes : Placeholders.MaximumBytes);

    private void Signal()
    {
        lock (gate)
        {
            if (isSignalled || isDisposed) return;
            isSignalled = true;
            signal.Release();
        }
    }

    private void WatchDirectories()
    {
        lock (gate)
        {
            if (isDisposed) return;
            var wanted = known.Keys.SelectMany(Directories).Where(Directory.Exists).Distinct(StringComparer.Ordinal).Take(MostDirectories).ToHashSet(StringComparer.Ordinal);
            foreach (var gone in watchers.Keys.Except(wanted, StringComparer.Ordinal).ToList())
            {
                watchers.Remove(gone, out var watcher);
                watcher?.Dispose();
            }

            foreach (var directory in wanted)
            {
                if (!watchers.ContainsKey(directory) && Watch(directory) is { } watcher) watchers[directory] = watcher;
            }
        }
    }

    // The file's directory, and those of every link on the way to its content.
    private static IEnumerable<string> Directories(string path)
    {
        yield return Path.GetDirectoryName(path) ?? path;
        if (Path.GetDirectoryName(Resolve(path)) is { } real) yield return real;
    }

    private FileSystemWatcher? Watch(string directory)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(directory)
            {
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.CreationTime,
            };
            watcher.Changed += (_, _) => Signal();
            watcher.Created += (_, _) => Signal();
            watcher.Deleted += (_, _) => Signal();
            watcher.Renamed += (_, _) => Signal();
            watcher.Error += (_, _) => Signal();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // Out of inotify watches, or the directory is gone: the poll still sees changes.
            watcher?.Dispose();
            LogUnwatched(logger, directory, exception.Message);
            return null;
        }
    }

    // The real path, with every link on the way resolved: parents too, since Kubernetes swaps a directory link.
    private static string Resolve(string path)
    {
        const int mostLinks = 40;
        for (var links = 0; links < mostLinks; links++)
        {
            if (FirstLink(path) is not { } link) return path;
            var target = Path.GetFullPath(link.Target, Path.GetDirectoryName(link.Path) ?? "/");
            path = target + path[link.Path.Length..];
        }

        return path; // a loop of links: opening it fails, and the load says so
    }

    private static (string Path, string Target)? FirstLink(string path)
    {
        for (var end = path.IndexOf(Path.DirectorySeparatorChar, 1); ; end = path.IndexOf(Path.DirectorySeparatorChar, end + 1))
        {
            var prefix = end < 0 ? path : path[..end];
            if (new FileInfo(prefix).LinkTarget is { } target) return (prefix, target);
            if (end < 0) return null;
        }
    }

    [LoggerMessage(EventId = 1110, Level = LogLevel.Error, Message = "Reloading {File} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string file);

    [LoggerMessage(EventId = 1111, Level = LogLevel.Warning, Message = "Directory {Directory} can't be watched, changes are noticed by polling: {Reason}")]
    private static partial void LogUnwatched(ILogger logger, string directory, string reason);
}
