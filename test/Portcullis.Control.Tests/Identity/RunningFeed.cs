using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Control.Storage;

namespace Portcullis.Control.Tests.Identity;

/// <summary>The change feed of a node that runs.</summary>
internal sealed class RunningFeed(Store store) : IAsyncDisposable
{
    private bool isStopped;

    public ChangeFeed Changes { get; } = new(store, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>Begins, after whoever wants to be told has subscribed.</summary>
    public Task StartAsync()
    {
        Changes.Start();
        return Eventually.HoldsAsync(() => Changes.IsCurrent, "the feed is current");
    }

    /// <summary>Ends it, as when the database is away.</summary>
    public async Task StopAsync()
    {
        if (isStopped) return;
        isStopped = true;
        await Changes.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
