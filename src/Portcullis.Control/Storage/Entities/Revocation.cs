using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>What is no longer valid although its signature and time are. Rows are added and, once they have no effect any more, removed; never changed.</summary>
[Table("revocations")]
[Index(nameof(Position))]
[Index(nameof(Until))]
[Index(nameof(ClientId), nameof(Kind))]
public sealed class Revocation
{
    /// <summary>Counts up, never used twice; on SQLite in the order of commits, on PostgreSQL not.</summary>
    public long Id { get; init; }

    /// <summary>On PostgreSQL the transaction that added the row, given by the server; 0 on SQLite.</summary>
    public long Position { get; init; }

    /// <summary>One of <see cref="Gateway.Identity.Revocations.RevocationKind"/>.</summary>
    public required int Kind { get; init; }

    /// <summary>The id of what is revoked.</summary>
    [MaxLength(128)]
    public required string Value { get; init; }

    /// <summary>The outside issuer whose id it is; empty for the gateway's own.</summary>
    [MaxLength(2048)]
    public string Issuer { get; init; } = string.Empty;

    /// <summary>The client that a single token was issued to; empty where that is not known.</summary>
    [MaxLength(64)]
    public string ClientId { get; init; } = string.Empty;

    /// <summary>When it was revoked. Of persons and clients: tokens issued up to this are.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When the last token concerned has expired, and the row may go.</summary>
    public DateTimeOffset Until { get; init; }
}
