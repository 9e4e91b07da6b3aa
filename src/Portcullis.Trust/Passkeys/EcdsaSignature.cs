using System.Formats.Asn1;
using System.Numerics;

namespace Portcullis.Trust.Passkeys;

/// <summary>Signatures of ES256 as authenticators write them (WebAuthn §6.5.5: DER of <c>Ecdsa-Sig-Value</c>, RFC 3279 §2.2.3), made those of JOSE, which the keys verify.</summary>
internal static class EcdsaSignature
{
    /// <summary>Octets of each of the two numbers.</summary>
    private const int Half = 32;

    // Two integers of 33 octets with their heads, in a sequence.
    private const int Longest = 72;

    /// <param name="der">The signature; strictly DER.</param>
    /// <param name="joined">64 octets: r and s, big-endian.</param>
    public static bool TryJoin(ReadOnlySpan<byte> der, Span<byte> joined)
    {
        joined.Clear();
        if (der.Length > Longest)
            return false;
        try
        {
            AsnDecoder.ReadSequence(der, AsnEncodingRules.DER, out var start, out var length, out var whole);
            var content = der.Slice(start, length);
            var r = AsnDecoder.ReadInteger(content, AsnEncodingRules.DER, out var taken);
            var s = AsnDecoder.ReadInteger(content[taken..], AsnEncodingRules.DER, out var rest);
            return whole == der.Length && taken + rest == content.Length && TryWrite(r, joined[..Half]) && TryWrite(s, joined[Half..]);
        }
        catch (AsnContentException)
        {
            // The decoder has no way to say so without an exception.
            return false;
        }
    }

    private static bool TryWrite(BigInteger number, Span<byte> octets)
    {
        if (number.Sign <= 0 || number.GetByteCount(isUnsigned: true) is var count && count > octets.Length)
            return false;
        return number.TryWriteBytes(octets[^count..], out _, isUnsigned: true, isBigEndian: true);
    }
}
