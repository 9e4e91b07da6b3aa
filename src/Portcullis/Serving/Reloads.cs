using Microsoft.Extensions.Logging;
using Portcullis.Gateway.Configuration;

namespace Portcullis.Serving;

/// <summary>Hands changed configurations to the node: on SIGHUP, and when a watched file changes. One at a time.</summary>
internal sealed class Reloads : IAsyncDisposable
{
    private readonly ConfigurationWatcher? watcher;

    private Reloads(ConfigurationWatcher? watcher) => this.watcher = watcher;

    /// <summary>Begins to watch.</summary>
    /// <param name="node">What takes the configurations over.</param>
    /// <param name="load">Reads the configuration anew.</param>
    /// <param name="file">The file to watch; null for the demo, which has none and never changes.</param>
    /// <param name="loaded">What runs now.</param>
    /// <param name="loggers">For the watcher.</param>
    public static Reloads Start(GatewayNode node, Func<LoadResult> load, string? file, LoadResult loaded, ILoggerFactory loggers)
    {
        if (file is null) return new Reloads(null);

        ConfigurationWatcher? watcher = null;
        watcher = new ConfigurationWatcher(
            file,
            async _ =>
            {
                var next = load();
                watcher!.Loaded(next);
                await node.ReloadAsync(next);
            },
            TimeProvider.System,
            loggers.CreateLogger<ConfigurationWatcher>());
        watcher.Loaded(loaded);
        watcher.Start();
        return new Reloads(watcher);
    }

    /// <summary>Reloads now, changed or not. Returns at once.</summary>
    public void Now() => watcher?.ReloadNow();

    public ValueTask DisposeAsync() => watcher?.DisposeAsync() ?? ValueTask.CompletedTask;
}
