using Microsoft.Extensions.Logging;
using Portcullis.Control.Identity;
using Portcullis.Control.Identity.Account;
using Portcullis.Control.Identity.Clients;
using Portcullis.Control.Identity.Grants;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Roles;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.ApiKeys;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Serving.Deferred;
using Portcullis.Trust.Keys;

namespace Portcullis.Serving;

/// <summary>
/// Who is known to a running node: its database, opened beside the start of its listeners, and the stores on it. Who needs a store waits until the database is
/// open, all others are served meanwhile. Nobody gets a token before it was found sound.
/// </summary>
internal sealed class NodeIdentity : IAsyncDisposable
{
    private readonly Task<Opened> opening;

    private NodeIdentity(Task<Opened> opening, ISecurityEvents events)
    {
        this.opening = opening;
        Clients = new DeferredClients(PartAsync<IClientStore>(opened => opened.Access.Clients));
        Services = new IdentityServices
        {
            Grants = new DeferredGrants(PartAsync<IGrantStore>(opened => opened.Grants)),
            Revocations = new DeferredRevocations(PartAsync<IRevocationStore>(opened => opened.Grants)),
            Assertions = new DeferredAssertions(PartAsync<IAssertionsSeen>(opened => new AssertionsSeen(opened.Store))),
            SignIn = new BrowserSignIn(() => PartAsync(opened => opened.Pages.Account.Sessions)),
            Pages = new AccountPages(() => PartAsync(opened => opened.Pages.Account)),
            Events = events,
            People = new DeferredPeople(PartAsync<IPeople>(opened => opened.Access.People)),
            ApiKeys = new DeferredApiKeys(PartAsync<IApiKeys>(opened => opened.Access.ApiKeys)),
            Entitlements = new DeferredEntitlements(PartAsync<IEntitlements>(opened => opened.Access.Entitlements)),
            PermissionUses = new DeferredPermissionUses(PartAsync<IPermissionUseStore>(opened => opened.Access.PermissionUses)),
        };
    }

    /// <summary>The programs that may have tokens, for the data plane.</summary>
    public IClientStore Clients { get; }

    /// <summary>What else the data plane's token service gets.</summary>
    public IdentityServices Services { get; }

    /// <summary>Begins to open the database of the configuration.</summary>
    /// <param name="data">The data directory.</param>
    /// <param name="options">Where the database is.</param>
    /// <param name="ring">The key ring, which is opened at the same time. What lies sealed is there with both.</param>
    /// <param name="sessions">When sessions are over, by the configuration as it is at the time.</param>
    /// <param name="roles">The roles of the configuration that runs.</param>
    /// <param name="passwords">What hashing passwords costs.</param>
    /// <param name="loggers">Where it is told.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static NodeIdentity Start(
        DataDirectory data, StorageOptions options, Task<KeyRing> ring, Func<SessionRules> sessions, RunningRoles roles, PasswordOptions passwords, ILoggerFactory loggers, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var events = new LoggedSecurityEvents(loggers.CreateLogger<LoggedSecurityEvents>());
        return new NodeIdentity(Task.Run(() => OpenAsync(data, options, ring, sessions, roles, passwords, events, loggers, clock, cancellationToken), cancellationToken), events);
    }

    /// <summary>The clients to work on, once the database is open.</summary>
    /// <exception cref="StoreException">It can't be used.</exception>
    /// <exception cref="DataDirectoryException">The data directory can't be used.</exception>
    public async Task<ClientStore> ClientsAsync() => (await opening).Clients;

    /// <summary>The stores of people to work on, once the database is open.</summary>
    /// <inheritdoc cref="ClientsAsync"/>
    public async Task<PeopleStores> PeopleAsync() => (await opening).People;

    /// <summary>Grants a role of the configuration that runs; null where it is granted now, else why it is not.</summary>
    /// <inheritdoc cref="ClientsAsync"/>
    public async Task<string?> GrantAsync(RoleRequest request) => await (await opening).Access.GrantAsync(request);

    public async ValueTask DisposeAsync()
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!opening.IsCompletedSuccessfully) return;
        var opened = opening.Result;
        await opened.Upkeep.DisposeAsync();
        await opened.GrantUpkeep.DisposeAsync();
        opened.Pages.Dispose();
        await opened.Access.DisposeAsync();
        opened.Clients.Dispose();
        await opened.Changes.DisposeAsync();
        opened.People.Dispose();
        await opened.Store.DisposeAsync();
    }

    private static async Task<Opened> OpenAsync(
        DataDirectory data, StorageOptions options, Task<KeyRing> ring, Func<SessionRules> sessions, RunningRoles roles, PasswordOptions passwords, ISecurityEvents events, ILoggerFactory loggers,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        var store = await Store.OpenAsync(data, options, cancellationToken);
        PeopleStores people;
        try
        {
            await ClientFileImport.RunAsync(data.Clients, store, clock, cancellationToken);
            people = new PeopleStores(store, await ring.WaitAsync(cancellationToken), clock);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }

        // Whoever keeps rows in memory subscribes before the feed begins.
        var changes = new ChangeFeed(store, clock, loggers);
        var clients = new ClientStore(store, clock, changes);
        var access = new NodeAccess(store, changes, clients, people.People, roles, loggers, clock);
        changes.Start();
        var grants = new GrantStore(store, clock);
        var pages = new NodePages(people, access.FactorRule, grants, grants, new AssertionsSeen(store), await ring, passwords, sessions, events, clock);
        return new Opened(store, changes, clients, people, access, PeopleUpkeep.Start(people, sessions, loggers, clock), grants, GrantUpkeep.Start(store, clock, loggers), pages);
    }

    private async Task<T> PartAsync<T>(Func<Opened, T> part) => part(await opening);

    private sealed record Opened(
        Store Store, ChangeFeed Changes, ClientStore Clients, PeopleStores People, NodeAccess Access, PeopleUpkeep Upkeep, GrantStore Grants, GrantUpkeep GrantUpkeep, NodePages Pages);
}
