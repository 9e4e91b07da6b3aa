using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Keys;

/// <summary>
/// A public key with the one algorithm it verifies (RFC 8725, section 3.1). Made only from parameters that pass every check; safe from any thread.
/// </summary>
public sealed class VerificationKey
{
    /// <summary>Bytes of an ES256 signature: r and s, 32 bytes each (RFC 7518, section 3.4).</summary>
    internal const int Es256SignatureSize = 64;

    // Above this an RSA check costs a sender nothing and us much: the cost grows with the square of the size.
    private const int LargestRsaBits = 8192;
    private const int SmallestRsaBits = 2048;

    private readonly HandlePool<RSA>? rsa;
    private readonly HandlePool<ECDsa>? ecdsa;

    private VerificationKey(KeyAlgorithm algorithm, int bits, byte[] first, byte[] second, string? id)
    {
        Algorithm = algorithm;
        Bits = bits;
        First = first;
        Second = second;
        Thumbprint = JsonWebKeyWriter.Thumbprint(this);
        Id = id ?? Thumbprint;
        IdUtf8 = System.Text.Encoding.UTF8.GetBytes(Id);
        if (algorithm == KeyAlgorithm.RS256)
            rsa = new HandlePool<RSA>(() => RSA.Create(new RSAParameters { Modulus = First, Exponent = Second }));
        else
            ecdsa = new HandlePool<ECDsa>(() => ECDsa.Create(EcParameters(First, Second)));
    }

    /// <summary>The <c>kid</c>; the thumbprint where the key set gave none.</summary>
    public string Id { get; }

    /// <summary>The only algorithm this key verifies.</summary>
    public KeyAlgorithm Algorithm { get; }

    /// <summary>Size of the modulus or of the curve, in bits.</summary>
    public int Bits { get; }

    /// <summary>SHA-256 thumbprint, base64url (RFC 7638).</summary>
    public string Thumbprint { get; }

    internal byte[] IdUtf8 { get; }

    /// <summary>RSA: the modulus. EC: the x coordinate.</summary>
    internal byte[] First { get; }

    /// <summary>RSA: the public exponent. EC: the y coordinate.</summary>
    internal byte[] Second { get; }

    /// <summary>True when <paramref name="signature"/> is this key's signature of <paramref name="data"/>.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        Algorithm == KeyAlgorithm.RS256 ? VerifyRsa(data, signature) : VerifyEcdsa(data, signature);

    internal static bool TryCreateRsa(
        ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, string? id, [NotNullWhen(true)] out VerificationKey? key, out string? fault)
    {
        key = null;
        fault = RsaFault(modulus, exponent);
        if (fault is not null)
            return false;
        return TryFinish(new VerificationKey(KeyAlgorithm.RS256, BitLength(modulus), modulus.ToArray(), exponent.ToArray(), id), out key, out fault);
    }

    internal static bool TryCreateP256(
        ReadOnlySpan<byte> x, ReadOnlySpan<byte> y, string? id, [NotNullWhen(true)] out VerificationKey? key, out string? fault)
    {
        key = null;
        // RFC 7518, section 6.2.1.2: coordinates are full size, 32 octets.
        fault = x.Length != 32 || y.Length != 32 ? "a P-256 coordinate does not have 32 bytes" : null;
        if (fault is not null)
            return false;
        return TryFinish(new VerificationKey(KeyAlgorithm.ES256, 256, x.ToArray(), y.ToArray(), id), out key, out fault);
    }

    /// <summary>From SubjectPublicKeyInfo, as the ring stores it.</summary>
    internal static bool TryCreate(KeyAlgorithm algorithm, ReadOnlySpan<byte> publicKeyInfo, [NotNullWhen(true)] out VerificationKey? key)
    {
        key = null;
        try
        {
            if (algorithm == KeyAlgorithm.RS256)
            {
                using var rsa = RSA.Create();
                rsa.ImportSubjectPublicKeyInfo(publicKeyInfo, out _);
                var parameters = rsa.ExportParameters(false);
                return TryCreateRsa(parameters.Modulus, parameters.Exponent, null, out key, out _);
            }

            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(publicKeyInfo, out _);
            var point = ecdsa.ExportParameters(false);
            return point.Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value && TryCreateP256(point.Q.X, point.Q.Y, null, out key, out _);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    internal static ECParameters EcParameters(byte[] x, byte[] y) =>
        new() { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } };

    private static string? RsaFault(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent)
    {
        // RFC 7518, section 6.3.1: Base64urlUInt, the fewest octets that hold the number.
        if (modulus.IsEmpty || exponent.IsEmpty || modulus[0] == 0 || exponent[0] == 0)
            return "an RSA number is empty or has a leading zero";
        var bits = BitLength(modulus);
        if (bits < SmallestRsaBits)
            return "the RSA modulus has fewer than 2048 bits";
        if (bits > LargestRsaBits)
            return "the RSA modulus has more than 8192 bits";
        if ((modulus[^1] & 1) == 0 || (exponent[^1] & 1) == 0)
            return "an RSA number is even";
        // 3 is the least exponent with which signing means anything; with 1 every message signs itself.
        if (exponent.Length > 4 || (exponent.Length == 1 && exponent[0] < 3))
            return "the RSA exponent is out of range";
        return RocaFingerprint.Matches(modulus) ? "the RSA modulus bears the fingerprint of CVE-2017-15361" : null;
    }

    /// <summary>Bits of a number without leading zero octets.</summary>
    private static int BitLength(ReadOnlySpan<byte> number) => ((number.Length - 1) * 8) + BitOperations.Log2(number[0]) + 1;

    private static bool TryFinish(VerificationKey candidate, [NotNullWhen(true)] out VerificationKey? key, out string? fault)
    {
        // Import once: the library refuses points that are not on the curve and numbers it can't take.
        key = null;
        fault = null;
        try
        {
            if (candidate.rsa is { } rsa && rsa.TryRent(out var rsaHandle))
                rsa.Return(rsaHandle);
            else if (candidate.ecdsa is { } ecdsa && ecdsa.TryRent(out var ecdsaHandle))
                ecdsa.Return(ecdsaHandle);
            key = candidate;
            return true;
        }
        catch (CryptographicException)
        {
            fault = "the public key is not valid";
            return false;
        }
    }

    private bool VerifyRsa(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        // RFC 8017, section 8.2.2, step 1: the signature is exactly as long as the modulus.
        if (signature.Length != First.Length || !this.rsa!.TryRent(out var rsa))
            return false;
        try
        {
            return rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        finally
        {
            this.rsa.Return(rsa);
        }
    }

    private bool VerifyEcdsa(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        // RFC 7518, section 3.4: exactly 64 octets. A zero r or s is refused here too, whatever the library does (CVE-2022-21449).
        if (signature.Length != Es256SignatureSize || !signature[..32].ContainsAnyExcept((byte)0) || !signature[32..].ContainsAnyExcept((byte)0))
            return false;
        if (!this.ecdsa!.TryRent(out var ecdsa))
            return false;
        try
        {
            return ecdsa.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        finally
        {
            this.ecdsa.Return(ecdsa);
        }
    }
}
