using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>A code that replaces a lost second factor, once: the row goes with its use.</summary>
[Table("recovery_codes")]
[PrimaryKey(nameof(PersonId), nameof(Hash))]
public sealed class RecoveryCode
{
    public required Guid PersonId { get; init; }

    /// <summary>SHA-256: the codes are random and long.</summary>
    [MaxLength(32)]
    public required byte[] Hash { get; init; }

    public DateTimeOffset Created { get; init; }
}
