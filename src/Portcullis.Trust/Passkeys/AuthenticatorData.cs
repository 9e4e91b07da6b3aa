using System.Buffers.Binary;
using System.Security.Cryptography;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Passkeys;

/// <summary>Authenticator data (WebAuthn §6.1), read to its last octet.</summary>
internal readonly ref struct AuthenticatorData
{
    /// <summary>The greatest length of a credential id (WebAuthn §4, credential ID).</summary>
    public const int LongestCredentialId = 1023;

    private const int FixedSize = SHA256.HashSizeInBytes + 1 + sizeof(uint);
    private const int ModelSize = 16;

    public ReadOnlySpan<byte> RelyingPartyHash { get; private init; }

    public AuthenticatorFlags Flags { get; private init; }

    public uint SignCount { get; private init; }

    /// <summary>The id of the new credential; empty where there is none.</summary>
    public ReadOnlySpan<byte> CredentialId { get; private init; }

    /// <summary>Its key as COSE has it; empty where there is none.</summary>
    public ReadOnlySpan<byte> PublicKey { get; private init; }

    /// <summary>False for what is no authenticator data or has a key that is not supported; <paramref name="isKeyNotSupported"/> tells these apart.</summary>
    public static bool TryRead(ReadOnlySpan<byte> input, out AuthenticatorData data, out bool isKeyNotSupported)
    {
        data = default;
        isKeyNotSupported = false;
        if (input.Length < FixedSize)
            return false;
        var flags = (AuthenticatorFlags)input[SHA256.HashSizeInBytes];
        var rest = input[FixedSize..];
        ReadOnlySpan<byte> id = default, key = default;

        // §6.5.1: model, length, id, key.
        if (flags.HasFlag(AuthenticatorFlags.AttestedCredential))
        {
            if (rest.Length < ModelSize + sizeof(ushort))
                return false;
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[ModelSize..]);
            rest = rest[(ModelSize + sizeof(ushort))..];
            if (length is 0 or > LongestCredentialId || rest.Length < length)
                return false;
            id = rest[..length];
            rest = rest[length..];
            if (!CoseKey.TryRead(rest, out VerificationKey? _, out var keyLength))
            {
                isKeyNotSupported = true;
                return false;
            }

            key = rest[..keyLength];
            rest = rest[keyLength..];
        }

        // §9.5: a map. None is asked for, and one that comes all the same is passed over.
        if (flags.HasFlag(AuthenticatorFlags.Extensions))
        {
            var reader = new CborReader(rest);
            if (rest is not [>= 0xA0 and < 0xC0, ..] || !reader.TrySkip())
                return false;
            rest = reader.Rest;
        }

        data = new AuthenticatorData
        {
            RelyingPartyHash = input[..SHA256.HashSizeInBytes],
            Flags = flags,
            SignCount = BinaryPrimitives.ReadUInt32BigEndian(input[(SHA256.HashSizeInBytes + 1)..]),
            CredentialId = id,
            PublicKey = key,
        };
        return rest.IsEmpty;
    }
}
