using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Serving.Deferred;

/// <summary>What people and clients of a database that is being opened may do: nothing, until it is known.</summary>
internal sealed class DeferredEntitlements : IEntitlements
{
    private readonly Task<IEntitlements> opening;

    public DeferredEntitlements(Task<IEntitlements> opening)
    {
        this.opening = opening;
        Loaded = LoadAsync();
    }

    // Below every number that there can be later.
    public long Version => opening.IsCompletedSuccessfully ? opening.Result.Version : -1;

    public Task Loaded { get; }

    public PermissionSet Of(string subject) => opening.IsCompletedSuccessfully ? opening.Result.Of(subject) : PermissionSet.None;

    // It faults where the database can't be opened, which ends the node.
    private async Task LoadAsync() => await (await opening).Loaded;
}
