using System.Security.Cryptography;
using Portcullis.Trust.Passkeys;

namespace Portcullis.Fuzz.Targets;

/// <summary>What browsers send as the answers of authenticators: nothing throws, and nothing verifies that no key has signed.</summary>
internal sealed class PasskeyTarget : IFuzzTarget
{
    private readonly PasskeyVerifier verifier = new("issuer.example", "https://issuer.example");
    private readonly byte[] challenge = new byte[PasskeyVerifier.ChallengeSize];
    private readonly byte[] clientData;
    private readonly byte[] key;

    public PasskeyTarget()
    {
        clientData = [.. "{\"type\":\"webauthn.create\",\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"origin\":\"https://issuer.example\"}"u8];

        // The base point of P-256: a good key whose private half is 1, which no input knows to use.
        key =
        [
            0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01,
            0x21, 0x58, 0x20, .. Convert.FromHexString("6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"),
            0x22, 0x58, 0x20, .. Convert.FromHexString("4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"),
        ];
    }

    public string Name => "passkey";

    public IReadOnlyList<string> Dictionary { get; } = ["fmt", "attStmt", "authData", "none", "packed", "webauthn.create", "webauthn.get", "challenge", "origin", "crossOrigin", "topOrigin", "\u00a3", "\u00a5", "X", "\u0000"];

    public void Run(ReadOnlySpan<byte> input)
    {
        // 1. As a new credential: what is accepted can be read again, and no octet of it is without a meaning.
        if (verifier.Register(challenge, clientData, input, out var passkey) == PasskeyOutcome.Verified)
        {
            BrokenInvariantException.Unless(passkey is { CredentialId.Length: > 0 and <= 1023 } && CoseKey.TryRead(passkey.PublicKey.Span, out _), "a stored key is a good one");
            BrokenInvariantException.Unless(verifier.Register(challenge, clientData, [.. input, 0], out _) != PasskeyOutcome.Verified, "nothing follows an attestation object");
        }
        else
        {
            BrokenInvariantException.Unless(passkey is null, "a refused credential is not stored");
        }

        // 2. As each part of a use: a signature that nobody made verifies under no key.
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        BrokenInvariantException.Unless(verifier.Assert(challenge, input, input, input, key, 0, out _) != PasskeyOutcome.Verified, "a use is signed");
        BrokenInvariantException.Unless(verifier.Assert(hash, clientData, input, hash, key, 0, out _) != PasskeyOutcome.Verified, "a use answers its challenge");

        // 3. The readers by themselves.
        if (ClientData.TryRead(input, out var data)) BrokenInvariantException.Unless(data is { Type: not null, Challenge: not null, Origin: not null }, "client data has its members");
        var reader = new CborReader(input);
        if (reader.TrySkip()) BrokenInvariantException.Unless(reader.Rest.Length < input.Length, "a value has octets");
        if (AuthenticatorData.TryRead(input, out var authenticator, out _)) BrokenInvariantException.Unless(authenticator.RelyingPartyHash.Length == SHA256.HashSizeInBytes, "authenticator data begins with a hash");
        Span<byte> joined = stackalloc byte[64];
        if (EcdsaSignature.TryJoin(input, joined)) BrokenInvariantException.Unless(joined[..32].ContainsAnyExcept((byte)0) && joined[32..].ContainsAnyExcept((byte)0), "no number of a signature is zero");
    }
}
