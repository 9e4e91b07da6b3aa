using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Serving.Deferred;

/// <summary>The uses of permissions in a database that is being opened.</summary>
internal sealed class DeferredPermissionUses(Task<IPermissionUseStore> opening) : IPermissionUseStore
{
    public async Task RecordAsync(IReadOnlyList<PermissionUse> uses, CancellationToken cancellationToken) => await (await opening.WaitAsync(cancellationToken)).RecordAsync(uses, cancellationToken);

    public async Task RecordGapAsync(DateOnly day, CancellationToken cancellationToken) => await (await opening.WaitAsync(cancellationToken)).RecordGapAsync(day, cancellationToken);
}
