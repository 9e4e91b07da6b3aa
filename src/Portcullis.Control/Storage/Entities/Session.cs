using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>A person's session in a browser.</summary>
[Table("sessions")]
[Index(nameof(TokenHash), IsUnique = true)]
[Index(nameof(PersonId))]
[Index(nameof(Expires))]
public sealed class Session
{
    public static readonly SealedColumn Devices = new("sessions", "device");
    public static readonly SealedColumn Addresses = new("sessions", "address");
    public static readonly SealedColumn Contents = new("sessions", "content");

    /// <summary>Names the session in lists and tokens (<c>sid</c>); it is no credential and stays when the cookie is renewed.</summary>
    public required Guid Id { get; init; }

    /// <summary>SHA-256 of the cookie's value.</summary>
    [MaxLength(32)]
    public required byte[] TokenHash { get; set; }

    public required Guid PersonId { get; init; }

    /// <summary>The person's <see cref="Person.SecurityStamp"/> at sign-in.</summary>
    public required Guid SecurityStamp { get; init; }

    /// <summary>How the person proved who they are, separated by spaces (RFC 8176).</summary>
    [MaxLength(128)]
    public required string Methods { get; set; }

    /// <summary>When they last did, for step-up (RFC 9470).</summary>
    public DateTimeOffset Authenticated { get; set; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset LastSeen { get; set; }

    /// <summary>The end whatever happens.</summary>
    public DateTimeOffset Expires { get; init; }

    public DateTimeOffset? Ended { get; set; }

    /// <summary>User agent.</summary>
    [MaxLength(1024)]
    public required Sealed Device { get; set; }

    [MaxLength(256)]
    public required Sealed Address { get; set; }

    /// <summary>What the session carries beside, as tokens of outside issuers.</summary>
    [MaxLength(32 * 1024)]
    public Sealed? Content { get; set; }
}
