using Microsoft.Extensions.Logging;
using Portcullis.Control.Identity;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity;

namespace Portcullis.Serving;

/// <summary>
/// The database of a running node, opened beside the start of its listeners: who needs it waits, all others are served meanwhile. Nobody gets a token
/// before the database was found sound.
/// </summary>
internal sealed class NodeStorage : IClientStore, IAsyncDisposable
{
    private readonly Task<Opened> opening;

    private NodeStorage(Task<Opened> opening) => this.opening = opening;

    /// <summary>Begins to open the database of the configuration.</summary>
    public static NodeStorage Start(DataDirectory data, StorageOptions options, ILoggerFactory loggers, TimeProvider clock, CancellationToken cancellationToken)
        => new(Task.Run(() => OpenAsync(data, options, loggers, clock, cancellationToken), cancellationToken));

    /// <summary>The clients, once the database is open.</summary>
    /// <exception cref="StoreException">It can't be used.</exception>
    /// <exception cref="DataDirectoryException">The data directory can't be used.</exception>
    public async Task<ClientStore> ClientsAsync() => (await opening).Clients;

    public ValueTask<OAuthClient?> FindAsync(string id, CancellationToken cancellationToken)
        => opening.IsCompletedSuccessfully ? opening.Result.Clients.FindAsync(id, cancellationToken) : FindLaterAsync(id, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!opening.IsCompletedSuccessfully) return;
        var (store, changes, clients) = opening.Result;
        clients.Dispose();
        await changes.DisposeAsync();
        await store.DisposeAsync();
    }

    private static async Task<Opened> OpenAsync(DataDirectory data, StorageOptions options, ILoggerFactory loggers, TimeProvider clock, CancellationToken cancellationToken)
    {
        var store = await Store.OpenAsync(data, options, cancellationToken);
        try
        {
            await ClientFileImport.RunAsync(data.Clients, store, clock, cancellationToken);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }

        var changes = new ChangeFeed(store, clock, loggers);
        var clients = new ClientStore(store, clock, changes);
        changes.Start();
        return new Opened(store, changes, clients);
    }

    private async ValueTask<OAuthClient?> FindLaterAsync(string id, CancellationToken cancellationToken)
        => await (await opening.WaitAsync(cancellationToken)).Clients.FindAsync(id, cancellationToken);

    private sealed record Opened(Store Store, ChangeFeed Changes, ClientStore Clients);
}
