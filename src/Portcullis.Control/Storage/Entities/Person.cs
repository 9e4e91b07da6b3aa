using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>A person who signs in. Names and contacts are sealed under the key in <see cref="SubjectKey"/>, so that destroying it erases them.</summary>
[Table("people")]
[Index(nameof(NameHash), IsUnique = true)]
public sealed class Person
{
    public static readonly SealedColumn Names = new("people", "name");

    /// <summary>The subject of tokens. Random, never reused.</summary>
    public required Guid Id { get; init; }

    /// <summary>Keyed hash of the name to sign in with, in its normal form: found without being readable.</summary>
    [MaxLength(32)]
    public required byte[] NameHash { get; set; }

    [MaxLength(1024)]
    public required Sealed Name { get; set; }

    /// <summary>Slow hash with its parameters; null for who has passkeys only.</summary>
    [MaxLength(512)]
    public string? PasswordHash { get; set; }

    public DateTimeOffset? PasswordChanged { get; set; }

    public bool IsDisabled { get; set; }

    /// <summary>Whether signing in takes a second factor, as for administrators.</summary>
    public bool RequiresMfa { get; set; }

    /// <summary>When the first second factor was enrolled; null: none.</summary>
    public DateTimeOffset? MfaEnrolled { get; set; }

    /// <summary>Wrong passwords in a row.</summary>
    public int Failures { get; set; }

    public DateTimeOffset? LastFailure { get; set; }

    /// <summary>Changes with password, disabling and reset: sessions of before end.</summary>
    public required Guid SecurityStamp { get; set; }

    public DateTimeOffset Created { get; init; }
}
