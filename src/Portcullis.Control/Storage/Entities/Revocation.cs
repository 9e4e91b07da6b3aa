using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>What is no longer valid although its signature and time are.</summary>
[Table("revocations")]
[PrimaryKey(nameof(Kind), nameof(Value))]
[Index(nameof(Until))]
public sealed class Revocation
{
    /// <summary><c>token</c>, <c>family</c>, <c>session</c>, <c>person</c> or <c>client</c>.</summary>
    [MaxLength(16)]
    public required string Kind { get; init; }

    /// <summary>Its id.</summary>
    [MaxLength(128)]
    public required string Value { get; init; }

    /// <summary>Of persons and clients: tokens issued before this are revoked.</summary>
    public DateTimeOffset Created { get; set; }

    /// <summary>When the last token concerned has expired, and the row may go.</summary>
    public DateTimeOffset Until { get; set; }

    [MaxLength(64)]
    public string? Reason { get; set; }
}
