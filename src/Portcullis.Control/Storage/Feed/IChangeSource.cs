namespace Portcullis.Control.Storage.Feed;

/// <summary>Where notices come from. One caller at a time.</summary>
internal interface IChangeSource : IAsyncDisposable
{
    /// <summary>Connects, also anew. What is committed from here on is told by the next reads.</summary>
    ValueTask ConnectAsync(CancellationToken cancellationToken);

    /// <summary>Waits for changes, at most for the given time, and then asks the database itself whether there are any.</summary>
    ValueTask<ChangeBatch> ReadAsync(TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken);
}
