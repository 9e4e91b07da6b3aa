using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Portcullis.Trust.Tokens;

/// <summary>
/// What a token says of itself, believed by nobody: to choose the issuer whose keys judge it, to describe a refused one to the operator.
/// Reads the whole token by the strict rules, but checks no signature and no time.
/// </summary>
public sealed record UnverifiedToken
{
    private UnverifiedToken()
    {
    }

    /// <summary>The <c>kid</c> of the header, if any.</summary>
    public string? KeyId { get; private init; }

    /// <summary>The <c>typ</c> of the header.</summary>
    public TokenTypes Type { get; private init; }

    /// <summary>The claims as they stand.</summary>
    public required TokenClaims Claims { get; init; }

    /// <summary>Never throws, whatever the bytes are. On false, <paramref name="cause"/> says why, with nothing of the token in it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> token, [NotNullWhen(true)] out UnverifiedToken? parsed, out string? cause)
    {
        parsed = null;
        if (!CompactToken.TrySplit(token, out var parts, out cause))
            return false;
        var scratch = ArrayPool<byte>.Shared.Rent(token.Length);
        try
        {
            if (!Base64UrlStrict.TryDecode(parts.Header, scratch, out var length))
            {
                cause = "header: not base64url";
                return false;
            }

            if (JoseHeader.Read(scratch.AsSpan(0, length), out var header, out cause) != TokenFailure.None)
                return false;
            var rest = scratch.AsSpan(length);
            if (!Base64UrlStrict.TryDecode(parts.Payload, rest, out length))
            {
                cause = "payload: not base64url";
                return false;
            }

            var claims = ClaimsReader.Read(rest[..length], KnownTexts.None, out cause);
            if (claims is not null)
                parsed = new UnverifiedToken { KeyId = header.KeyId.IsEmpty ? null : Encoding.UTF8.GetString(header.KeyId), Type = header.Type, Claims = claims };
            return parsed is not null;
        }
        finally
        {
            scratch.AsSpan(0, token.Length).Clear();
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }
}
