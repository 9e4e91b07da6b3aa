using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>A review of who may do what, and its signed result.</summary>
[Table("access_reviews")]
[Index(nameof(Due))]
public sealed class AccessReview
{
    public static readonly SealedColumn AllFindings = new("access_reviews", "findings");

    public required Guid Id { get; init; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Due { get; init; }

    public DateTimeOffset? Closed { get; set; }

    [MaxLength(128)]
    public string? Reviewer { get; set; }

    /// <summary>What was granted, unused and decided, as JSON.</summary>
    [MaxLength(4 * 1024 * 1024)]
    public Sealed? Findings { get; set; }

    /// <summary>Over the findings as they were before sealing, as a compact JWS without its payload (RFC 7515 appendix F).</summary>
    [MaxLength(4096)]
    public string? Signature { get; set; }
}
