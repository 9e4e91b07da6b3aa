using Microsoft.Extensions.Logging;

namespace Portcullis.Gateway.Connections;

/// <summary>
/// Calls back when certificate files may have changed: shortly after the system reports a change in one of their directories, and every
/// half minute for what it does not report (network file systems, links that point elsewhere, exhausted watches).
/// </summary>
internal sealed class CertificateWatch : IDisposable
{
    /// <summary>Key and certificate are rarely written at one moment; a look in between would report a mismatch.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly List<FileSystemWatcher> watchers = [];
    private readonly ITimer timer;

    public CertificateWatch(string listener, IReadOnlyList<string> paths, Action changed, TimeProvider time, ILogger logger)
    {
        timer = time.CreateTimer(static state => ((Action)state!)(), changed, paths.Count == 0 ? Timeout.InfiniteTimeSpan : Period, paths.Count == 0 ? Timeout.InfiniteTimeSpan : Period);

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

    private void OnEvent(object sender, FileSystemEventArgs change) => timer.Change(Settle, Period);
}
