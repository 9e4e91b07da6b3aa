using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Connections.Tls;

/// <summary>
/// Calls back when certificate files may have changed: shortly after the system reports a change in one of their directories, and every
/// half minute for what it does not report (network file systems, links that point elsewhere, exhausted watches).
/// </summary>
internal sealed class CertificateWatch : IDisposable
{
    /// <summary>Key and certificate are rarely written at one moment; a look in between would report a mismatch.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly string listener;
    private readonly IReadOnlyList<string> paths;
    private readonly Action changed;
    private readonly ILogger logger;
    private readonly List<FileSystemWatcher> watchers = [];
    private readonly ITimer timer;

    // The files and the links on the way to them: other files in their directories are nobody's business here.
    private volatile HashSet<string> names;
    private int isArmed;

    public CertificateWatch(string listener, IReadOnlyList<string> paths, Action changed, TimeProvider time, ILogger logger)
    {
        this.listener = listener;
        this.paths = paths;
        this.changed = changed;
        this.logger = logger;
        names = Names();
        var period = paths.Count == 0 ? Timeout.InfiniteTimeSpan : Period;
        timer = time.CreateTimer(static state => ((CertificateWatch)state!).Look(), this, period, period);

        // The directory and not the file: editors rename a new file over it, and Kubernetes swaps a link to the directory beside it.
        foreach (var directory in paths.Select(path => Path.GetDirectoryName(Path.GetFullPath(path))!).Distinct(StringComparer.Ordinal))
        {
            try
            {
                var watcher = new FileSystemWatcher(directory) { IncludeSubdirectories = false };
                watchers.Add(watcher);
                watcher.Changed += OnEvent;
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
        Volatile.Write(ref isArmed, 0);
        try
        {
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
