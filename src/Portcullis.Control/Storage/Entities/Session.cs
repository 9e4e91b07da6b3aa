using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>A person's session in a browser.</summary>
[Table("sessions")]
[Index(nameof(TokenHash), IsUnique = true)]
[Index(nameof(PersonId))]
public sealed class Session
{
    public static readonly PersonalColumn Devices = new("sessions", "device");
    public static readonly PersonalColumn Addresses = new("sessions", "address");

    /// <summary>Names the session in lists and tokens (<c>sid</c>); it is no credential and stays when the cookie is renewed.</summary>
    public required Guid Id { get; init; }

    /// <summary>SHA-256 of the cookie's value.</summary>
    [MaxLength(32)]
    public required byte[] TokenHash { get; set; }

    public required Guid PersonId { get; init; }

    /// <summary>How the person proved who they are, separated by spaces (RFC 8176).</summary>
    [MaxLength(128)]
    public required string Methods { get; set; }

    /// <summary>When they last did, for step-up (RFC 9470).</summary>
    public DateTimeOffset Authenticated { get; set; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset LastSeen { get; set; }

    /// <summary>Browser and system.</summary>
    [MaxLength(1024)]
    public required Sealed Device { get; set; }

    /// <summary>Where it was begun from.</summary>
    [MaxLength(512)]
    public required Sealed Address { get; set; }
}
