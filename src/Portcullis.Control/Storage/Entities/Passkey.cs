using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Portcullis.Control.Storage.Entities;

/// <summary>A passkey of a person (WebAuthn level 2).</summary>
[Table("passkeys")]
[Index(nameof(CredentialId), IsUnique = true)]
[Index(nameof(PersonId))]
public sealed class Passkey
{
    public static readonly PersonalColumn Labels = new("passkeys", "label");

    public required Guid Id { get; init; }

    public required Guid PersonId { get; init; }

    /// <summary>The authenticator's id of the credential, at most 1,023 octets (§4, credential ID).</summary>
    [MaxLength(1023)]
    public required byte[] CredentialId { get; init; }

    /// <summary>COSE key.</summary>
    [MaxLength(2048)]
    public required byte[] PublicKey { get; init; }

    /// <summary>Last signature counter; one that does not grow tells of a clone (§6.1.1).</summary>
    public long SignatureCount { get; set; }

    public bool IsBackedUp { get; set; }

    /// <summary>What its owner calls it.</summary>
    [MaxLength(1024)]
    public required Sealed Label { get; set; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset? LastUsed { get; set; }
}
