namespace Portcullis.Control.Identity.People;

/// <summary>A passkey of a person (WebAuthn level 2). Holds nothing that signs anybody in.</summary>
public sealed record Passkey
{
    /// <summary>The authenticator's id of the credential, at most 1,023 octets (WebAuthn §4, credential ID).</summary>
    public required ReadOnlyMemory<byte> CredentialId { get; init; }

    /// <summary>Whose it is: <see cref="Person.Id"/>.</summary>
    public required string Subject { get; init; }

    /// <summary>COSE key as the authenticator gave it, at most 2,048 octets (RFC 9052 §7).</summary>
    public required ReadOnlyMemory<byte> PublicKey { get; init; }

    /// <summary>What its owner calls it, at most 100 characters; empty where its key was destroyed.</summary>
    public required string Label { get; init; }

    /// <summary>The signature counter at the last use; 0 where the authenticator has none (WebAuthn §6.1.1).</summary>
    public required uint SignCount { get; init; }

    /// <summary>Whether the authenticator said at the last use that it is backed up.</summary>
    public required bool IsBackedUp { get; init; }

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it last signed somebody in; null: never.</summary>
    public DateTimeOffset? LastUsed { get; init; }
}
