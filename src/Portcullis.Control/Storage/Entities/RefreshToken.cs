using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>One refresh token. Who sets <see cref="Spent"/> where it is null has spent it; the database decides between two.</summary>
[Table("refresh_tokens")]
[PrimaryKey(nameof(Hash))]
[Index(nameof(FamilyId))]
public sealed class RefreshToken
{
    public static readonly SealedColumn Successors = new("refresh_tokens", "successor");

    /// <summary>SHA-256 of the token. Its row in <see cref="Successors"/> is this in lower-case hexadecimal.</summary>
    [MaxLength(32)]
    public required byte[] Hash { get; init; }

    public required Guid FamilyId { get; init; }

    /// <summary>The token it was refreshed from; null for the first.</summary>
    [MaxLength(32)]
    public byte[]? ParentHash { get; init; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset? Spent { get; set; }

    [MaxLength(32)]
    public byte[]? SuccessorHash { get; set; }

    /// <summary>The token that replaced this one, kept for the seconds in which the reply may have been lost, then removed.</summary>
    [MaxLength(256)]
    public Sealed? Successor { get; set; }

    /// <summary>Hash of what the client showed of its connection when it spent the token.</summary>
    [MaxLength(32)]
    public byte[]? Evidence { get; set; }
}
