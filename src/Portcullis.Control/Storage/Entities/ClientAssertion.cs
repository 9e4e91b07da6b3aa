using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>A client's assertion that was taken: its <c>jti</c> is refused until it has expired (RFC 7523 §3, item 7).</summary>
[Table("client_assertions")]
[PrimaryKey(nameof(ClientId), nameof(IdHash))]
[Index(nameof(Until))]
public sealed class ClientAssertion
{
    [MaxLength(64)]
    public required string ClientId { get; init; }

    /// <summary>SHA-256 of the <c>jti</c>, which may have any length.</summary>
    [MaxLength(32)]
    public required byte[] IdHash { get; init; }

    public DateTimeOffset Until { get; init; }
}
