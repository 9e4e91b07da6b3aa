using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>
/// An authorization code (RFC 6749 §4.1.2). Who sets <see cref="Spent"/> where it is null has spent it. It stays, spent, as long as its grant: a second use ends
/// what the first one gave.
/// </summary>
[Table("authorization_codes")]
[PrimaryKey(nameof(Hash))]
[Index(nameof(GrantId), IsUnique = true)]
public sealed class AuthorizationCode
{
    /// <summary>SHA-256 of the code.</summary>
    [MaxLength(32)]
    public required byte[] Hash { get; init; }

    [MaxLength(64)]
    public required string GrantId { get; init; }

    /// <summary>Compared as it is (RFC 9700 §2.1).</summary>
    [MaxLength(2048)]
    public required string RedirectUri { get; init; }

    /// <summary>S256 (RFC 7636 §4.2): 43 characters.</summary>
    [MaxLength(43)]
    public required string CodeChallenge { get; init; }

    [MaxLength(256)]
    public string? Nonce { get; init; }

    /// <summary>A minute after it was made.</summary>
    public DateTimeOffset Expires { get; init; }

    public DateTimeOffset? Spent { get; set; }
}
