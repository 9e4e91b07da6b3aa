namespace Portcullis.Control.Identity.Account;

/// <summary>Most octets of what an authenticator's answer consists of.</summary>
internal static class AuthenticatorLimits
{
    /// <summary>WebAuthn §4, credential ID.</summary>
    public const int CredentialId = 1023;

    /// <summary>WebAuthn §5.4.3, user handle.</summary>
    public const int UserHandle = 64;

    public const int ClientData = 4 * 1024;

    public const int AuthenticatorData = 1024;

    /// <summary>RSA with 8,192 bits.</summary>
    public const int Signature = 1024;

    /// <summary>With a chain of certificates.</summary>
    public const int AttestationObject = 16 * 1024;
}
