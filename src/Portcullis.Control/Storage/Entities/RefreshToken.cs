using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>One refresh token. Who sets <see cref="Spent"/> where it is null has spent it; the database decides between two.</summary>
[Table("refresh_tokens")]
[PrimaryKey(nameof(Hash))]
[Index(nameof(GrantId))]
public sealed class RefreshToken
{
    /// <summary>SHA-256 of the token.</summary>
    [MaxLength(32)]
    public required byte[] Hash { get; init; }

    [MaxLength(64)]
    public required string GrantId { get; init; }

    /// <summary>The token it was refreshed from; null for the first.</summary>
    [MaxLength(32)]
    public byte[]? ParentHash { get; init; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset? Spent { get; set; }

    [MaxLength(32)]
    public byte[]? SuccessorHash { get; set; }

    /// <summary>
    /// The token that replaced this one, sealed under this one, which nobody here knows; kept for the seconds in which the reply may have been lost, then
    /// removed. Who removes it has given it once more.
    /// </summary>
    [MaxLength(256)]
    public byte[]? Successor { get; set; }

    /// <summary>What the client showed of its connection when it spent the token, hashed.</summary>
    [MaxLength(32)]
    public byte[]? Evidence { get; set; }
}
