using System.Buffers;
using System.Text;

namespace Portcullis.Trust.Tokens;

/// <summary>
/// Judges JWTs of one issuer for one audience (RFC 7519, section 7.2; RFC 8725; RFC 9068, section 4). The keys come with each call, for key sets
/// change. Nothing of the payload is read before the signature has been found good. Safe from any thread.
/// </summary>
public sealed class TokenVerifier
{
    private readonly TokenRules rules;
    private readonly KnownTexts known;
    private readonly TimeProvider clock;
    private readonly long skew;

    /// <exception cref="ArgumentException">No issuer, no audience, no type, or a skew outside of 0 to 5 minutes.</exception>
    public TokenVerifier(TokenRules rules, TimeProvider clock)
    {
        if (rules.Issuer.Length == 0 || rules.Audiences.Count == 0 || rules.Audiences.Contains("") || rules.Types == TokenTypes.None)
            throw new ArgumentException("Issuer, audience and type must be named.", nameof(rules));
        if (rules.ClockSkew < TimeSpan.Zero || rules.ClockSkew > TimeSpan.FromMinutes(5))
            throw new ArgumentException("The clock skew is 0 to 5 minutes.", nameof(rules));
        this.rules = rules;
        this.clock = clock;
        skew = (long)rules.ClockSkew.TotalSeconds;
        known = new KnownTexts([rules.Issuer, .. rules.Audiences]);
    }

    /// <summary>From which second since 1970 on a token with these claims is refused as expired.</summary>
    public long RefusedFrom(TokenClaims claims) => claims.ExpiresAt + skew;

    /// <summary>Judges a token given as text. Allocates as little as the other overload.</summary>
    public TokenVerification Verify(ReadOnlySpan<char> token, JsonWebKeySet keys)
    {
        if (token.Length > CompactToken.MaximumSize)
            return TokenVerification.Refused(TokenFailure.Malformed, "the token has more than 16 KiB");
        var buffer = ArrayPool<byte>.Shared.Rent(token.Length);
        try
        {
            return Ascii.FromUtf16(token, buffer, out var written) == OperationStatus.Done
                ? Verify(buffer.AsSpan(0, written), keys)
                : TokenVerification.Refused(TokenFailure.Malformed, "the token is not ASCII");
        }
        finally
        {
            buffer.AsSpan(0, token.Length).Clear();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Judges a token in compact serialization. On success one object with its claims is made, and the strings in it.</summary>
    public TokenVerification Verify(ReadOnlySpan<byte> token, JsonWebKeySet keys)
    {
        if (!CompactToken.TrySplit(token, out var parts, out var fault))
            return TokenVerification.Refused(TokenFailure.Malformed, fault);
        var scratch = ArrayPool<byte>.Shared.Rent(token.Length);
        try
        {
            return Verify(parts, keys, scratch);
        }
        finally
        {
            // Claims of one caller do not wait in a pool for another reader.
            scratch.AsSpan(0, token.Length).Clear();
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private TokenVerification Verify(CompactToken token, JsonWebKeySet keys, Span<byte> scratch)
    {
        // 1. Header, key, signature.
        var failure = SignatureCheck.Verify(token, keys, rules.Types, scratch, out var header, out var key, out var cause);
        if (failure != TokenFailure.None)
            return TokenVerification.Refused(failure, cause);

        // 2. The payload, read strictly. The header is not needed any more but for its type, which is a value.
        var type = header.Type;
        if (!Base64UrlStrict.TryDecode(token.Payload, scratch, out var length))
            return TokenVerification.Refused(TokenFailure.Malformed, "payload: not base64url");
        var claims = ClaimsReader.Read(scratch[..length], known, out cause);
        if (claims is null)
            return TokenVerification.Refused(TokenFailure.Malformed, $"payload: {cause}");

        // 3. Whose it is and for whom, then its times, then what its type requires.
        if (claims.Issuer != rules.Issuer)
            return TokenVerification.Refused(TokenFailure.WrongIssuer, "iss is missing or another");
        if (!IsForUs(claims))
            return TokenVerification.Refused(TokenFailure.WrongAudience, "aud is missing or names others");
        failure = CheckTimes(claims, out cause);
        if (failure != TokenFailure.None)
            return TokenVerification.Refused(failure, cause);
        if (type == TokenTypes.AccessToken && !HasAccessTokenClaims(claims))
            return TokenVerification.Refused(TokenFailure.MissingClaim, "an access token needs sub, client_id, iat and jti");
        claims.KeyId = key?.Id;
        return TokenVerification.Valid(claims);
    }

    private bool IsForUs(TokenClaims claims)
    {
        for (var i = 0; i < claims.Audience.Count; i++)
        {
            for (var j = 0; j < rules.Audiences.Count; j++)
            {
                if (claims.Audience[i] == rules.Audiences[j])
                    return true;
            }
        }

        return false;
    }

    private TokenFailure CheckTimes(TokenClaims claims, out string? cause)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        if (claims.ExpiresAt == 0)
        {
            cause = "exp is missing";
            return TokenFailure.MissingClaim;
        }

        // RFC 7519, section 4.1.4: not accepted on or after the expiry.
        if (now >= RefusedFrom(claims))
        {
            cause = "exp has passed";
            return TokenFailure.Expired;
        }

        if (claims.NotBefore > now + skew || claims.IssuedAt > now + skew)
        {
            cause = "nbf or iat lies ahead";
            return TokenFailure.NotYetValid;
        }

        if (claims.ExpiresAt <= claims.IssuedAt || claims.ExpiresAt <= claims.NotBefore)
        {
            cause = "exp is not after iat and nbf";
            return TokenFailure.Malformed;
        }

        if (rules.LongestLifetime is { } longest && !(claims.ExpiresAt - claims.IssuedAt <= (long)longest.TotalSeconds))
        {
            cause = "from iat to exp is longer than is accepted, or iat is missing";
            return TokenFailure.TooLongLived;
        }

        cause = null;
        return TokenFailure.None;
    }

    /// <summary>RFC 9068, section 2.2; iss, exp and aud have been seen already.</summary>
    private static bool HasAccessTokenClaims(TokenClaims claims) =>
        !string.IsNullOrEmpty(claims.Subject) && !string.IsNullOrEmpty(claims.ClientId) && !string.IsNullOrEmpty(claims.TokenId) && claims.IssuedAt is not null;
}
