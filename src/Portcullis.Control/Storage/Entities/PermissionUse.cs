using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>That a caller used a permission on a day, for the review of who needs what.</summary>
[Table("permission_uses")]
[PrimaryKey(nameof(Day), nameof(CallerKind), nameof(CallerId), nameof(Permission))]
[Index(nameof(CallerKind), nameof(CallerId), nameof(Permission))]
public sealed class PermissionUse
{
    /// <summary>In UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary><c>person</c> or <c>client</c>; <c>since</c> for the first day that was recorded, <c>gap</c> for a day of which uses were lost.</summary>
    [MaxLength(16)]
    public required string CallerKind { get; init; }

    [MaxLength(64)]
    public required string CallerId { get; init; }

    [MaxLength(128)]
    public required string Permission { get; init; }

    public long Count { get; set; }
}
