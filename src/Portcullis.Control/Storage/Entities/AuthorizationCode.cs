using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>An authorization code (RFC 6749 §4.1.2). It stays, spent, until it would have expired: a second use ends what the first one gave.</summary>
[Table("authorization_codes")]
[PrimaryKey(nameof(Hash))]
[Index(nameof(Expires))]
public sealed class AuthorizationCode
{
    /// <summary>SHA-256 of the code.</summary>
    [MaxLength(32)]
    public required byte[] Hash { get; init; }

    [MaxLength(64)]
    public required string ClientId { get; init; }

    public required Guid PersonId { get; init; }

    public required Guid SessionId { get; init; }

    /// <summary>Compared as it is (RFC 9700 §2.1).</summary>
    [MaxLength(2048)]
    public required string RedirectUri { get; init; }

    /// <summary>S256 (RFC 7636 §4.2): 43 characters.</summary>
    [MaxLength(43)]
    public required string CodeChallenge { get; init; }

    [MaxLength(16 * 1024)]
    public required string Scope { get; init; }

    [MaxLength(256)]
    public string? Nonce { get; init; }

    public DateTimeOffset Authenticated { get; init; }

    /// <summary>Minutes after it was made.</summary>
    public DateTimeOffset Expires { get; init; }

    public DateTimeOffset? Spent { get; set; }

    /// <summary>The family that it was spent for; ended when the code comes again (RFC 6749 §4.1.2).</summary>
    public Guid? FamilyId { get; set; }
}
