namespace Portcullis.Trust.Passkeys;

/// <summary>What a verified use of a passkey changes in what is stored of it.</summary>
/// <param name="SignCount">The counter of this use.</param>
/// <param name="IsBackedUp">Whether it is in a backup now.</param>
public readonly record struct PasskeyUse(uint SignCount, bool IsBackedUp);
