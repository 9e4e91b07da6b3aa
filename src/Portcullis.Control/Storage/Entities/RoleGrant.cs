using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>A role that a person or client has.</summary>
[Table("role_grants")]
[Index(nameof(HolderKind), nameof(HolderId), nameof(Role), IsUnique = true)]
[Index(nameof(Role))]
public sealed class RoleGrant
{
    public required Guid Id { get; init; }

    /// <summary><c>person</c> or <c>client</c>.</summary>
    [MaxLength(16)]
    public required string HolderKind { get; init; }

    [MaxLength(64)]
    public required string HolderId { get; init; }

    [MaxLength(64)]
    public required string Role { get; init; }

    /// <summary>Who granted it.</summary>
    [MaxLength(128)]
    public required string GrantedBy { get; set; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset? Expires { get; set; }
}
