using System.Diagnostics.CodeAnalysis;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Passkeys;

/// <summary>
/// Reads the public key of a passkey (RFC 9052 §7, RFC 9053 §2.1 and §7.1, RFC 8230 §4; WebAuthn §5.8.5): ES256 on P-256, or RS256. Its algorithm is in the key, so no
/// signature can choose another one. No member may be missing, be there twice, or be there that has no meaning here.
/// </summary>
internal static class CoseKey
{
    /// <summary>Octets of the largest key that is taken: RSA with 8,192 bits. What the store has room for is more.</summary>
    public const int MaximumSize = 1100;

    /// <summary>COSE's numbers of the algorithms, in order of preference, for <c>pubKeyCredParams</c>.</summary>
    public static ReadOnlySpan<int> Algorithms => [Es256, Rs256];

    private const int Es256 = -7;
    private const int Rs256 = -257;
    private const int TypeLabel = 1;
    private const int AlgorithmLabel = 3;
    private const int Ec2 = 2;
    private const int Rsa = 3;
    private const int P256 = 1;

    /// <summary>Reads a key that is the whole input.</summary>
    public static bool TryRead(ReadOnlySpan<byte> cose, [NotNullWhen(true)] out VerificationKey? key)
        => TryRead(cose, out key, out var length) && length == cose.Length;

    /// <summary>Reads a key from the beginning of the input.</summary>
    public static bool TryRead(ReadOnlySpan<byte> input, [NotNullWhen(true)] out VerificationKey? key, out int length)
    {
        (key, length) = (null, 0);
        var reader = new CborReader(input);
        if (!reader.TryReadMap(out var members) || members > 5)
            return false;

        // 1. Members; labels are small integers. -1 is the curve of an EC2 key, and the modulus of an RSA key.
        var (type, algorithm, curve) = (0L, 0L, 0L);
        ReadOnlySpan<byte> minusOne = default, minusTwo = default, minusThree = default;
        var seen = 0;
        for (; members > 0; members--)
        {
            if (!reader.TryReadInteger(out var label))
                return false;
            var bit = label switch { TypeLabel => 1, AlgorithmLabel => 2, -1 => 4, -2 => 8, -3 => 16, _ => 0 };
            if (bit == 0 || (seen & bit) != 0)
                return false;
            seen |= bit;
            var isRead = label switch
            {
                TypeLabel => reader.TryReadInteger(out type),
                AlgorithmLabel => reader.TryReadInteger(out algorithm),
                -1 when reader.Rest is [>= 0x40 and < 0x60, ..] => reader.TryReadBytes(out minusOne),
                -1 => reader.TryReadInteger(out curve),
                -2 => reader.TryReadBytes(out minusTwo),
                _ => reader.TryReadBytes(out minusThree),
            };
            if (!isRead)
                return false;
        }

        length = input.Length - reader.Rest.Length;
        if (length > MaximumSize)
            return false;

        // 2. Type, algorithm and curve must fit each other; the key itself is checked where all keys are.
        return (type, algorithm, seen) switch
        {
            (Ec2, Es256, 31) => curve == P256 && minusOne.IsEmpty && VerificationKey.TryCreateP256(minusTwo, minusThree, null, out key, out _),
            (Rsa, Rs256, 15) => curve == 0 && VerificationKey.TryCreateRsa(minusOne, minusTwo, null, out key, out _),
            _ => false,
        };
    }
}
