using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration.Binding;
using Portcullis.Gateway.Policies.Waf;

namespace Portcullis.Gateway.Configuration;

/// <summary>
/// Notices that a configuration changed: the file itself, what its symbolic links point to (Kubernetes swaps a link to a whole
/// directory), the files whose text is filled in, and those of the firewall's rules. Directory events about names give speed, a look every second gives certainty: files are
/// rewritten in place, and events get lost on network file systems and when a directory is replaced. Such a look reads only files of which the directory tells
/// something new, and all of them once a minute. Calls back once per settled change of content, never for a touch, and never twice at
/// the same time.
/// </summary>
public sealed partial class ConfigurationWatcher : IAsyncDisposable
{
    /// <summary>Time between two looks without an event.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>Quiet time after an event before the files are read, so that a file written in pieces is read whole.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    // A file that was rewritten within the grain of its times, in equal length, is found out so much later without events.
    private const int LooksPerReading = 60;

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
    private readonly Dictionary<string, FileMark> marks = new(StringComparer.Ordinal);
    private Dictionary<string, string> known;
    private HashSet<string> ruleFiles = [];

    // The files and the links on the way to them: events about other names in their directories are nobody's business here.
    private volatile HashSet<string> names = [];
    private int looks;
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
            ruleFiles = [.. result.RuleFiles.Keys.Where(path => !loaded.ContainsKey(path))];
            foreach (var path in ruleFiles) loaded[path] = result.RuleFiles[path];
            known = loaded;

            // Marks tell of what the watcher has read, not of what the load has.
            marks.Clear();
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
                if (IsDue(await WaitAsync())) await CallAsync();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The owner ended it.
        }
    }

    // Until an event and the quiet after it, which is true, or until the next look is due.
    private async Task<bool> WaitAsync()
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
                return false;
            }
        }

        bool forced;
        lock (gate) forced = isForced;
        if (!forced) await Task.Delay(Quiet, clock, stop.Token);
        lock (gate) isSignalled = false;
        return true;
    }

    private bool IsDue(bool signalled)
    {
        lock (gate)
        {
            var forced = isForced;
            isForced = false;

            var readsAll = signalled || forced || ++looks % LooksPerReading == 0;
            var isChanged = false;
            foreach (var path in known.Keys.ToList())
            {
                if (!readsAll && IsAsRead(path)) continue;
                var fingerprint = Fingerprint(path);
                isChanged |= known[path] != fingerprint;
                known[path] = fingerprint;
            }

            return forced || isChanged;
        }
    }

    // Whether the file was read when it had the mark that it has now. The mark is taken before the reading: a change in between shows as
    // another mark at the next look.
    private bool IsAsRead(string path)
    {
        var mark = FileMark.Of(path);
        if (marks.TryGetValue(path, out var before) && before == mark) return true;
        marks[path] = mark;
        return false;
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
    private string Fingerprint(string path) => ruleFiles.Contains(path) ? RuleSets.Fingerprint(path) : BoundedFile.Fingerprint(path, path == file ? ConfigurationLoader.MaximumBytes : Placeholders.MaximumBytes);

    private void Signal(string path)
    {
        if (names.Contains(path)) Signal();
    }

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
            names = known.Keys.SelectMany(path => LinkedPath.Of(path).Names).ToHashSet(StringComparer.Ordinal);
            var wanted = names.Select(name => Path.GetDirectoryName(name) ?? name).Where(Directory.Exists).Distinct(StringComparer.Ordinal).Take(MostDirectories).ToHashSet(StringComparer.Ordinal);
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

    private FileSystemWatcher? Watch(string directory)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(directory)
            {
                // Names alone: each write to any file here, a log's too, would be an event. What is rewritten in place is found by the next look.
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName,
            };
            watcher.Created += (_, change) => Signal(change.FullPath);
            watcher.Deleted += (_, change) => Signal(change.FullPath);
            watcher.Renamed += (_, change) =>
            {
                Signal(change.FullPath);
                Signal(change.OldFullPath);
            };
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

    [LoggerMessage(EventId = 1410, Level = LogLevel.Error, Message = "Reloading {File} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string file);

    [LoggerMessage(EventId = 1411, Level = LogLevel.Warning, Message = "Directory {Directory} can't be watched, changes are noticed by polling: {Reason}")]
    private static partial void LogUnwatched(ILogger logger, string directory, string reason);
}
