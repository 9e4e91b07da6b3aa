using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tokens;

/// <summary>The JWS layer of verification (RFC 7515, section 5.2): header, key, algorithm, signature. Knows nothing of claims.</summary>
internal static class SignatureCheck
{
    // The largest RSA key that is accepted has 8192 bits.
    private const int LongestSignature = 1024;

    /// <param name="token">The token in parts.</param>
    /// <param name="keys">The keys that may have signed it.</param>
    /// <param name="accepted">The types that are accepted; judged before the signature because it costs less.</param>
    /// <param name="scratch">Room for the decoded header; <paramref name="header"/> points into it.</param>
    /// <param name="header">The header, to be believed only on <see cref="TokenFailure.None"/>.</param>
    /// <param name="key">The key that signed, set only on <see cref="TokenFailure.None"/>; null for a shared secret.</param>
    /// <param name="cause">Why not, for those who run the gateway.</param>
    public static TokenFailure Verify(
        CompactToken token, JsonWebKeySet keys, TokenTypes accepted, Span<byte> scratch, out JoseHeader header, out VerificationKey? key, out string? cause)
    {
        key = null;
        // 1. The header, decoded and read strictly.
        if (!Base64UrlStrict.TryDecode(token.Header, scratch, out var headerLength))
        {
            header = default;
            cause = "header: not base64url";
            return TokenFailure.Malformed;
        }

        var failure = JoseHeader.Read(scratch[..headerLength], out header, out cause);
        if (failure != TokenFailure.None)
            return failure;

        // 2. The type (RFC 8725, section 3.11).
        if ((header.Type & accepted) == TokenTypes.None)
        {
            cause = "header: typ is not accepted here";
            return TokenFailure.WrongType;
        }

        // 3. The key, and its algorithm: the header may only repeat it (RFC 8725, section 3.1). A secret and public keys are never in one set.
        if (header.Algorithm == KeyAlgorithm.HS256 != keys.IsShared)
        {
            cause = "header: alg is not that of the keys";
            return TokenFailure.AlgorithmRefused;
        }

        var candidate = keys.Find(header.KeyId, header.Algorithm);
        if (candidate is null && !keys.IsShared)
        {
            cause = header.KeyId.IsEmpty ? "header: no kid, and not just one key to choose" : "header: kid is not in the key set";
            return TokenFailure.UnknownKey;
        }

        if (candidate is not null && candidate.Algorithm != header.Algorithm)
        {
            cause = "header: alg is not the algorithm of the key";
            return TokenFailure.AlgorithmRefused;
        }

        // 4. The signature, over the text as it came. One of no possible length is not even decoded.
        Span<byte> signature = stackalloc byte[LongestSignature];
        if (Base64UrlStrict.DecodedLength(token.Signature.Length) > LongestSignature
            || !Base64UrlStrict.TryDecode(token.Signature, signature, out var signatureLength))
        {
            cause = "signature: not base64url, or too long";
            return TokenFailure.Malformed;
        }

        if (!(candidate?.Verify(token.SigningInput, signature[..signatureLength]) ?? keys.VerifyShared(token.SigningInput, signature[..signatureLength])))
        {
            cause = "signature: not that of the key";
            return TokenFailure.BadSignature;
        }

        key = candidate;
        cause = null;
        return TokenFailure.None;
    }
}
