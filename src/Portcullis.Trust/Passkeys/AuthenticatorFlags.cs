namespace Portcullis.Trust.Passkeys;

/// <summary>Flags of authenticator data (WebAuthn §6.1).</summary>
[Flags]
internal enum AuthenticatorFlags : byte
{
    None = 0,

    /// <summary>UP: somebody touched the authenticator.</summary>
    UserPresent = 1,

    /// <summary>UV: it was its owner, by PIN or biometry.</summary>
    UserVerified = 1 << 2,

    /// <summary>BE: the key may leave the device for a backup.</summary>
    BackupEligible = 1 << 3,

    /// <summary>BS: it is in a backup.</summary>
    BackedUp = 1 << 4,

    /// <summary>AT: a new credential follows.</summary>
    AttestedCredential = 1 << 6,

    /// <summary>ED: extensions follow.</summary>
    Extensions = 1 << 7,
}
