using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;
using Portcullis.Trust.Sealing;
using People = Portcullis.Control.Identity.People;

namespace Portcullis.Control.Storage.Entities;

/// <summary>The key under which one person's data is sealed. Without it what is left of the person can't be read: that is their erasure.</summary>
[Table("subject_keys")]
[PrimaryKey(nameof(SubjectId))]
public sealed class SubjectKey
{
    public static readonly SealedColumn Keys = new("subject_keys", "key", row => SubjectSealer.KeyContext(People.SubjectId.Of(Guid.ParseExact(row, "D"))));

    /// <summary>The person's id; the row outlives the person's own.</summary>
    public required Guid SubjectId { get; init; }

    /// <summary>The key, sealed; null once destroyed.</summary>
    [MaxLength(128)]
    public Sealed? Key { get; set; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset? Destroyed { get; set; }
}
