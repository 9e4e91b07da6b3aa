using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>A person who signs in. Names and contacts are sealed under the key in <see cref="SubjectKey"/>, so that destroying it erases them.</summary>
[Table("people")]
[Index(nameof(NameHash), IsUnique = true)]
public sealed class Person
{
    public static readonly PersonalColumn Names = new("people", "name");
    public static readonly PersonalColumn DisplayNames = new("people", "display_name");
    public static readonly SealedColumn PasswordHashes = new("people", "password_hash");

    /// <summary>The subject of tokens. Random, never reused.</summary>
    public required Guid Id { get; init; }

    /// <summary>Keyed hash of the name to sign in with, in its normal form: found without being readable.</summary>
    [MaxLength(32)]
    public required byte[] NameHash { get; set; }

    [MaxLength(1024)]
    public required Sealed Name { get; set; }

    /// <summary>What others are shown; null: the name to sign in with.</summary>
    [MaxLength(1024)]
    public Sealed? DisplayName { get; set; }

    /// <summary>Slow hash with its parameters; null for who has passkeys only.</summary>
    [MaxLength(512)]
    public Sealed? PasswordHash { get; set; }

    public DateTimeOffset? PasswordChanged { get; set; }

    /// <summary>Of a password that an operator set and its person has to change: until when it can be used for that. Null for every other one.</summary>
    public DateTimeOffset? PasswordTemporaryUntil { get; set; }

    public bool IsDisabled { get; set; }

    /// <summary>Whether signing in takes a second factor, whatever roles the person has.</summary>
    public bool RequiresMfa { get; set; }

    /// <summary>The tenant that they belong to; null for none.</summary>
    [MaxLength(64)]
    public string? Tenant { get; set; }

    /// <summary>When all sessions were last ended: no sign-in that began before comes to one. Never goes back.</summary>
    public DateTimeOffset? SessionsEnded { get; set; }

    /// <summary>Device cookies from before are no longer good.</summary>
    public DateTimeOffset DevicesSince { get; set; }

    public DateTimeOffset Created { get; init; }
}
