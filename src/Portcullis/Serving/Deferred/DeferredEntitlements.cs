using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Serving.Deferred;

/// <summary>What people and clients of a database that is being opened may do: nothing, until it is known.</summary>
internal sealed class DeferredEntitlements : IEntitlements
{
    private volatile IEntitlements? opened;

    public DeferredEntitlements(Task<IEntitlements> opening) => Loaded = LoadAsync(opening);

    // Below every number that there can be later.
    public long Version => opened?.Version ?? -1;

    public Task Loaded { get; }

    public PermissionSet Of(string subject) => opened?.Of(subject) ?? PermissionSet.None;

    // It faults where the database can't be opened, which ends the node.
    private async Task LoadAsync(Task<IEntitlements> opening) => await (opened = await opening).Loaded;
}
