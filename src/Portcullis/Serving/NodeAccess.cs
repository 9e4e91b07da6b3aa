using Microsoft.Extensions.Logging;
using Portcullis.Control.Identity;
using Portcullis.Control.Identity.ApiKeys;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Roles;
using Portcullis.Control.Storage;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Serving;

/// <summary>Who may do what, in a running node: roles, the directories that join them with people and clients, API keys, and what was used.</summary>
internal sealed class NodeAccess : IAsyncDisposable
{
    private readonly RunningRoles roles;
    private readonly RoleGrants grants;
    private readonly ApiKeyUses keyUses;

    /// <summary>Subscribes to the feed, which begins after that.</summary>
    /// <param name="store">The database.</param>
    /// <param name="changes">The node's feed.</param>
    /// <param name="clients">Its clients.</param>
    /// <param name="people">Its people.</param>
    /// <param name="roles">The roles of the configuration that runs.</param>
    /// <param name="loggers">Where it is told.</param>
    /// <param name="clock">The time.</param>
    public NodeAccess(Store store, ChangeFeed changes, ClientStore clients, IPersonStore people, RunningRoles roles, ILoggerFactory loggers, TimeProvider clock)
    {
        this.roles = roles;
        grants = new RoleGrants(store, clock, changes);
        keyUses = new ApiKeyUses(store, clock, loggers);
        Entitlements = new Entitlements(roles, grants, clients);
        Clients = new ClientDirectory(clients, Entitlements);
        People = new PeopleDirectory(people, Entitlements, changes);
        ApiKeys = new ApiKeyDirectory(store, Entitlements, keyUses, changes, clock);
        FactorRule = new FactorRule(roles, grants.RolesOfAsync);
        PermissionUses = new PermissionUseStore(store, clock);
    }

    /// <summary>What people and clients may do now.</summary>
    public Entitlements Entitlements { get; }

    /// <summary>Clients with the permissions of their roles.</summary>
    public ClientDirectory Clients { get; }

    /// <summary>People with the permissions of their roles.</summary>
    public PeopleDirectory People { get; }

    /// <summary>API keys.</summary>
    public ApiKeyDirectory ApiKeys { get; }

    /// <summary>Who needs a second factor.</summary>
    public FactorRule FactorRule { get; }

    /// <summary>Where uses of permissions are kept.</summary>
    public PermissionUseStore PermissionUses { get; }

    /// <summary>Grants a role of the configuration that runs; null where it is granted now, else why it is not.</summary>
    public Task<string?> GrantAsync(RoleRequest request) => grants.GrantAsync(request, roles.Roles);

    /// <summary>To be called before the feed and the database go.</summary>
    public async ValueTask DisposeAsync()
    {
        ApiKeys.Dispose();
        await keyUses.DisposeAsync();
        People.Dispose();
        grants.Dispose();
    }
}
