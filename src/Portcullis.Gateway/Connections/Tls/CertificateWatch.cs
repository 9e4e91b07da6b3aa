using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>
/// Calls back when certificate files may have changed: shortly after the system reports another file under one of their names, within
/// a second after one was rewritten in place, and every half minute for what neither shows (network file systems, links that point elsewhere).
/// </summary>
internal sealed class CertificateWatch : IDisposable
{
    /// <summary>Key and certificate are rarely written at one moment; a look in between would report a mismatch.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private const int PeriodsPerCall = 30;

    private readonly string listener;
    private readonly IReadOnlyList<string> paths;
    private readonly Action changed;
    private readonly ILogger logger;
    private readonly List<FileSystemWatcher> watchers = [];
    private readonly ITimer timer;

    // The files and the links on the way to them: other files in their directories are nobody's business here.
    private volatile HashSet<string> names;
    private FileMark[] marks;
    private int periods;
    private int isArmed;

    public CertificateWatch(string listener, IReadOnlyList<string> paths, Action changed, TimeProvider time, ILogger logger)
    {
        this.listener = listener;
        this.paths = paths;
        this.changed = changed;
        this.logger = logger;
        names = Names();
        marks = Marks();
        var period = paths.Count == 0 ? Timeout.InfiniteTimeSpan : Period;
        timer = time.CreateTimer(static state => ((CertificateWatch)state!).Look(), this, period, period);

        // The directory and not the file: editors rename a new file over it, and Kubernetes swaps a link to the directory beside it.
        foreach (var directory in paths.Select(path => Path.GetDirectoryName(Path.GetFullPath(path))!).Distinct(StringComparer.Ordinal))
        {
            try
            {
                // Names alone: each write to any file here, a log's too, would be an event.
                var watcher = new FileSystemWatcher(directory) { IncludeSubdirectories = false, NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName };
                watchers.Add(watcher);
                watcher.Created += OnEvent;
                watcher.Renamed += OnEvent;
                watcher.Deleted += OnEvent;
                watcher.Error += (_, _) => Arm();
                watcher.EnableRaisingEvents = true;
            }
            catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException)
            {
                ConnectionLog.WatchFailed(logger, listener, directory, Period, exception.Message);
            }
        }
    }

    public void Dispose()
    {
        foreach (var watcher in watchers) watcher.Dispose();
        timer.Dispose();
    }

    private HashSet<string> Names() => paths.SelectMany(path => LinkedPath.Of(Path.GetFullPath(path)).Names).ToHashSet(StringComparer.Ordinal);

    private FileMark[] Marks() => [.. paths.Select(FileMark.Of)];

    private void OnEvent(object sender, FileSystemEventArgs change)
    {
        if (names.Contains(change.FullPath) || (change is RenamedEventArgs renamed && names.Contains(renamed.OldFullPath))) Arm();
    }

    // Once, until the look: events that go on must not put it off for ever.
    private void Arm()
    {
        if (Interlocked.Exchange(ref isArmed, 1) == 0) timer.Change(Settle, Period);
    }

    private void Look()
    {
        var isTold = Interlocked.Exchange(ref isArmed, 0) != 0;
        try
        {
            var seen = Marks();
            if (!isTold && ++periods % PeriodsPerCall != 0 && marks.AsSpan().SequenceEqual(seen)) return;
            marks = seen;
            names = Names();
            changed();
        }
        catch (Exception exception)
        {
            // On a timer's thread it would end the process.
            ConnectionLog.CertificateReloadFailed(logger, listener, exception.Message);
        }
    }
}
