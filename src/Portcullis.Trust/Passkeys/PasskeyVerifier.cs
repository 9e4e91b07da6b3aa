using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Passkeys;

/// <summary>
/// Verifies what authenticators answer (WebAuthn level 2, §7.1 and §7.2) for one relying party at one origin. User verification is required, attestation is not asked
/// for, keys are ES256 or RS256. Single use of challenges, whose credential it is and the conditional change of the counter are the caller's. Never throws for what
/// a client sent; safe from any thread.
/// </summary>
public sealed class PasskeyVerifier
{
    /// <summary>Octets of a challenge (WebAuthn §13.4.3 asks for 16 at least).</summary>
    public const int ChallengeSize = 32;

    /// <summary>COSE's numbers of the algorithms that are taken, in order of preference.</summary>
    public static IReadOnlyList<int> Algorithms { get; } = [.. CoseKey.Algorithms];

    private const int LongestSignature = 1024;

    private readonly byte[] relyingPartyHash;
    private readonly string origin;

    /// <param name="relyingParty">The relying party's id: a host name, in lower case.</param>
    /// <param name="origin">The one origin whose pages may ask, as browsers write it: scheme, host, and the port where it is not the scheme's own.</param>
    public PasskeyVerifier(string relyingParty, string origin)
    {
        ArgumentException.ThrowIfNullOrEmpty(relyingParty);
        ArgumentException.ThrowIfNullOrEmpty(origin);
        relyingPartyHash = SHA256.HashData(Encoding.UTF8.GetBytes(relyingParty));
        this.origin = origin;
    }

    /// <summary>Whether a touch is enough. Never so in the product: the standard's own vectors come without a check of the user.</summary>
    internal bool AcceptsUnverifiedUsers { get; init; }

    /// <summary>Judges a new credential (§7.1).</summary>
    /// <param name="challenge">The challenge that was given out.</param>
    /// <param name="clientData"><c>clientDataJSON</c>, as it came.</param>
    /// <param name="attestationObject"><c>attestationObject</c>, as it came.</param>
    /// <param name="passkey">What to store; null unless the outcome is <see cref="PasskeyOutcome.Verified"/>.</param>
    public PasskeyOutcome Register(ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> clientData, ReadOnlySpan<byte> attestationObject, out RegisteredPasskey? passkey)
    {
        passkey = null;
        // Steps 5 to 10: what the browser says.
        var outcome = JudgeClient(clientData, "webauthn.create", challenge);
        if (outcome != PasskeyOutcome.Verified)
            return outcome;

        // Steps 12 to 15: what the authenticator says.
        if (!AttestationObject.TryRead(attestationObject, out var octets))
            return PasskeyOutcome.Malformed;
        if (!AuthenticatorData.TryRead(octets, out var data, out var isKeyNotSupported))
            return isKeyNotSupported ? PasskeyOutcome.KeyRefused : PasskeyOutcome.Malformed;
        outcome = JudgeAuthenticator(data);
        if (outcome != PasskeyOutcome.Verified)
            return outcome;

        // Step 16: the key was read as one of those that were offered. Steps 18 to 21 judge attestation, which means nothing here.
        if (!data.Flags.HasFlag(AuthenticatorFlags.AttestedCredential))
            return PasskeyOutcome.FlagsWrong;
        passkey = new RegisteredPasskey(data.CredentialId.ToArray(), data.PublicKey.ToArray(), data.SignCount, data.Flags.HasFlag(AuthenticatorFlags.BackedUp));
        return PasskeyOutcome.Verified;
    }

    /// <summary>Judges a use of a credential (§7.2).</summary>
    /// <param name="challenge">The challenge that was given out.</param>
    /// <param name="clientData"><c>clientDataJSON</c>, as it came.</param>
    /// <param name="authenticatorData"><c>authenticatorData</c>, as it came.</param>
    /// <param name="signature">The signature, as it came.</param>
    /// <param name="publicKey">The stored key of the credential.</param>
    /// <param name="signCount">Its stored counter.</param>
    /// <param name="use">What to store; to be believed only on <see cref="PasskeyOutcome.Verified"/>.</param>
    public PasskeyOutcome Assert(
        ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> clientData, ReadOnlySpan<byte> authenticatorData, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> publicKey, uint signCount, out PasskeyUse use)
    {
        use = default;
        // Steps 11 to 14: what the browser says.
        var outcome = JudgeClient(clientData, "webauthn.get", challenge);
        if (outcome != PasskeyOutcome.Verified)
            return outcome;

        // Steps 15 to 17: what the authenticator says. There is no new credential in it.
        if (!AuthenticatorData.TryRead(authenticatorData, out var data, out _))
            return PasskeyOutcome.Malformed;
        outcome = JudgeAuthenticator(data);
        if (outcome != PasskeyOutcome.Verified)
            return outcome;
        if (data.Flags.HasFlag(AuthenticatorFlags.AttestedCredential))
            return PasskeyOutcome.FlagsWrong;

        // Steps 19 and 20: the signature over both.
        if (!CoseKey.TryRead(publicKey, out var key))
            return PasskeyOutcome.KeyRefused;
        if (!IsSigned(key, authenticatorData, clientData, signature))
            return PasskeyOutcome.SignatureWrong;

        // Step 21: a counter that is there grows.
        if ((data.SignCount != 0 || signCount != 0) && data.SignCount <= signCount)
            return PasskeyOutcome.CounterStuck;
        use = new PasskeyUse(data.SignCount, data.Flags.HasFlag(AuthenticatorFlags.BackedUp));
        return PasskeyOutcome.Verified;
    }

    private static bool IsSigned(VerificationKey key, ReadOnlySpan<byte> authenticatorData, ReadOnlySpan<byte> clientData, ReadOnlySpan<byte> signature)
    {
        var signed = new byte[authenticatorData.Length + SHA256.HashSizeInBytes];
        authenticatorData.CopyTo(signed);
        SHA256.HashData(clientData, signed.AsSpan(authenticatorData.Length));
        if (key.Algorithm != KeyAlgorithm.ES256)
            return signature.Length <= LongestSignature && key.Verify(signed, signature);
        Span<byte> joined = stackalloc byte[VerificationKey.Es256SignatureSize];
        return EcdsaSignature.TryJoin(signature, joined) && key.Verify(signed, joined);
    }

    private PasskeyOutcome JudgeClient(ReadOnlySpan<byte> clientData, string type, ReadOnlySpan<byte> challenge)
    {
        if (!ClientData.TryRead(clientData, out var said))
            return PasskeyOutcome.Malformed;
        if (said.Type != type)
            return PasskeyOutcome.WrongType;
        if (challenge.IsEmpty || Base64UrlStrict.Decode(said.Challenge!) is not { } answered || !CryptographicOperations.FixedTimeEquals(answered, challenge))
            return PasskeyOutcome.WrongChallenge;
        if (said.Origin != origin)
            return PasskeyOutcome.WrongOrigin;
        return said.IsCrossOrigin ? PasskeyOutcome.CrossOrigin : PasskeyOutcome.Verified;
    }

    private PasskeyOutcome JudgeAuthenticator(in AuthenticatorData data)
    {
        if (!CryptographicOperations.FixedTimeEquals(data.RelyingPartyHash, relyingPartyHash))
            return PasskeyOutcome.WrongRelyingParty;
        if (!data.Flags.HasFlag(AuthenticatorFlags.UserPresent))
            return PasskeyOutcome.UserAbsent;
        if (!data.Flags.HasFlag(AuthenticatorFlags.UserVerified) && !AcceptsUnverifiedUsers)
            return PasskeyOutcome.UserUnverified;

        // Level 3, §7.1 step 16: what can't be backed up is in no backup.
        return data.Flags.HasFlag(AuthenticatorFlags.BackedUp) && !data.Flags.HasFlag(AuthenticatorFlags.BackupEligible) ? PasskeyOutcome.FlagsWrong : PasskeyOutcome.Verified;
    }
}
