using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>An API key of a person or client.</summary>
[Table("api_keys")]
[Index(nameof(Prefix), IsUnique = true)]
[Index(nameof(HolderKind), nameof(HolderId))]
public sealed class ApiKey
{
    public static readonly SealedColumn Labels = new("api_keys", "label");

    public required Guid Id { get; init; }

    /// <summary>Names it where it is listed and revoked: 16 hexadecimal digits, drawn at random, that say nothing about the key.</summary>
    [MaxLength(16)]
    public required string Prefix { get; init; }

    /// <summary>SHA-256 of the whole key.</summary>
    [MaxLength(32)]
    public required byte[] Hash { get; init; }

    /// <summary><c>person</c> or <c>client</c>.</summary>
    [MaxLength(16)]
    public required string HolderKind { get; init; }

    [MaxLength(64)]
    public required string HolderId { get; init; }

    /// <summary>Permissions, separated by spaces.</summary>
    [MaxLength(16 * 1024)]
    public required string Scope { get; init; }

    /// <summary>What it is for.</summary>
    [MaxLength(512)]
    public Sealed? Label { get; set; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset? Expires { get; init; }

    public DateTimeOffset? LastUsed { get; set; }

    public DateTimeOffset? Revoked { get; set; }
}
