using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>A random value of the gateway's own that is as old as the data which was made with it, and goes with that into backups.</summary>
[Table("stored_secrets")]
[PrimaryKey(nameof(Name))]
public sealed class StoredSecret
{
    public static readonly SealedColumn Values = new("stored_secrets", "value");

    /// <summary>What it is for. Never changes meaning.</summary>
    [MaxLength(64)]
    public required string Name { get; init; }

    [MaxLength(256)]
    public required Sealed Value { get; set; }

    public DateTimeOffset Created { get; init; }
}
