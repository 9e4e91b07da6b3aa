namespace Portcullis.Trust.Passkeys;

/// <summary>A new passkey, as it is to be stored.</summary>
/// <param name="CredentialId">The authenticator's id of it: 1 to 1,023 octets.</param>
/// <param name="PublicKey">Its COSE key, verified to be one that can be used.</param>
/// <param name="SignCount">The counter; 0 where the authenticator has none.</param>
/// <param name="IsBackedUp">Whether it is in a backup.</param>
public sealed record RegisteredPasskey(ReadOnlyMemory<byte> CredentialId, ReadOnlyMemory<byte> PublicKey, uint SignCount, bool IsBackedUp);
