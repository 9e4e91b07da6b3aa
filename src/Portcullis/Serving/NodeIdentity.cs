using Microsoft.Extensions.Logging;
using Portcullis.Control.Identity;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity;
using Portcullis.Serving.Deferred;

namespace Portcullis.Serving;

/// <summary>
/// Who is known to a running node: its database, opened beside the start of its listeners, and the stores on it. Who needs a store waits until the database is
/// open, all others are served meanwhile. Nobody gets a token before it was found sound.
/// </summary>
internal sealed class NodeIdentity : IAsyncDisposable
{
    private readonly Task<Opened> opening;

    private NodeIdentity(Task<Opened> opening)
    {
        this.opening = opening;
        Clients = new DeferredClients(PartAsync(opened => opened.Clients));
        Services = new IdentityServices();
    }

    /// <summary>The programs that may have tokens, for the data plane.</summary>
    public IClientStore Clients { get; }

    /// <summary>What else the data plane's token service gets.</summary>
    public IdentityServices Services { get; }

    /// <summary>Begins to open the database of the configuration.</summary>
    public static NodeIdentity Start(DataDirectory data, StorageOptions options, ILoggerFactory loggers, TimeProvider clock, CancellationToken cancellationToken)
        => new(Task.Run(() => OpenAsync(data, options, loggers, clock, cancellationToken), cancellationToken));

    /// <summary>The clients to work on, once the database is open.</summary>
    /// <exception cref="StoreException">It can't be used.</exception>
    /// <exception cref="DataDirectoryException">The data directory can't be used.</exception>
    public async Task<ClientStore> ClientsAsync() => (await opening).Clients;

    public async ValueTask DisposeAsync()
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!opening.IsCompletedSuccessfully) return;
        var opened = opening.Result;
        opened.Clients.Dispose();
        await opened.Changes.DisposeAsync();
        await opened.Store.DisposeAsync();
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

        // Whoever keeps rows in memory subscribes before the feed begins.
        var changes = new ChangeFeed(store, clock, loggers);
        var opened = new Opened(store, changes, new ClientStore(store, clock, changes));
        changes.Start();
        return opened;
    }

    private async Task<T> PartAsync<T>(Func<Opened, T> part) => part(await opening);

    private sealed record Opened(Store Store, ChangeFeed Changes, ClientStore Clients);
}
