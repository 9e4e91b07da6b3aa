using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Control.Identity.Roles;

/// <summary>What is known of the use of permissions.</summary>
/// <param name="Uses">Uses; several of one caller and permission may be there.</param>
/// <param name="Since">The first day that was recorded.</param>
/// <param name="Gaps">Days of which not every use was recorded.</param>
public sealed record PermissionEvidence(IReadOnlyList<PermissionUse> Uses, DateOnly Since, IReadOnlyList<DateOnly> Gaps)
{
    /// <summary>Whether every use from this day on is known.</summary>
    public bool Covers(DateOnly from) => Since <= from && !Gaps.Any(gap => gap >= from);
}
