namespace Portcullis.Gateway.Identity.Roles;

/// <summary>Where uses of permissions are kept for access reviews.</summary>
public interface IPermissionUseStore
{
    /// <summary>Keeps these uses; one that is kept already is nothing new. May be called twice with the same after a failure.</summary>
    Task RecordAsync(IReadOnlyList<PermissionUse> uses, CancellationToken cancellationToken);

    /// <summary>Keeps that uses of this day were lost, so that no review takes a permission for unused because of it.</summary>
    Task RecordGapAsync(DateOnly day, CancellationToken cancellationToken);
}
