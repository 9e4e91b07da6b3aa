using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>All refresh tokens that come from one grant.</summary>
[Table("refresh_families")]
[Index(nameof(PersonId))]
[Index(nameof(ClientId))]
[Index(nameof(SessionId))]
[Index(nameof(Expires))]
public sealed class RefreshFamily
{
    public required Guid Id { get; init; }

    [MaxLength(64)]
    public required string ClientId { get; init; }

    public Guid? PersonId { get; init; }

    public Guid? SessionId { get; init; }

    [MaxLength(16 * 1024)]
    public required string Scope { get; init; }

    public DateTimeOffset Authenticated { get; init; }

    public DateTimeOffset Created { get; init; }

    /// <summary>The end whatever is refreshed.</summary>
    public DateTimeOffset Expires { get; init; }

    public DateTimeOffset? Ended { get; set; }

    /// <summary>Why: <c>revoked</c>, <c>reused</c>, <c>signed-out</c>.</summary>
    [MaxLength(32)]
    public string? EndReason { get; set; }
}
