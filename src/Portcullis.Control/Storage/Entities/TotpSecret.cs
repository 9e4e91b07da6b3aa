using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>A generator of one-time codes (RFC 6238).</summary>
[Table("totp_secrets")]
[PrimaryKey(nameof(PersonId))]
public sealed class TotpSecret
{
    public static readonly SealedColumn Secrets = new("totp_secrets", "secret");

    /// <summary>Whose it is; a person has one.</summary>
    public required Guid PersonId { get; init; }

    [MaxLength(256)]
    public required Sealed Secret { get; set; }

    /// <summary>Time step of the last code that was taken; a code counts once (§5.2).</summary>
    public long LastStep { get; set; }

    /// <summary>When the first code proved it.</summary>
    public DateTimeOffset Enrolled { get; init; }
}
