using System.Text;
using System.Text.Json;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tokens;

/// <summary>What of a JOSE header decides how a token is judged. Reads a header that <see cref="StrictJson"/> has found acceptable.</summary>
internal readonly ref struct JoseHeader
{
    private const int MaximumDepth = 4;
    private const int LongestKeyId = 256;

    private JoseHeader(KeyAlgorithm algorithm, ReadOnlySpan<byte> keyId, TokenTypes type)
    {
        Algorithm = algorithm;
        KeyId = keyId;
        Type = type;
    }

    /// <summary>What the header claims; it must equal the key's algorithm and never chooses one.</summary>
    public KeyAlgorithm Algorithm { get; }

    /// <summary>The <c>kid</c>, empty when absent.</summary>
    public ReadOnlySpan<byte> KeyId { get; }

    /// <summary>The <c>typ</c>; <see cref="TokenTypes.None"/> for one that is not known here.</summary>
    public TokenTypes Type { get; }

    public static TokenFailure Read(ReadOnlySpan<byte> json, out JoseHeader header, out string? cause)
    {
        header = default;
        if (!StrictJson.IsObject(json, MaximumDepth, out var fault))
        {
            cause = $"header: {fault}";
            return TokenFailure.Malformed;
        }

        var algorithm = KeyAlgorithm.None;
        ReadOnlySpan<byte> keyId = default;
        var type = TokenTypes.Untyped;
        var hasAlgorithm = false;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Classify(ref reader);
            reader.Read();
            if (name is Member.Refused)
            {
                cause = "header: crit, b64, an embedded key or compression";
                return TokenFailure.HeaderRefused;
            }

            if (name is Member.Other)
            {
                reader.Skip();
                continue;
            }

            if (reader.TokenType != JsonTokenType.String)
            {
                cause = "header: alg, kid, typ or cty is not a string";
                return TokenFailure.Malformed;
            }

            switch (name)
            {
                case Member.Algorithm:
                    hasAlgorithm = true;
                    algorithm = ReadAlgorithm(ref reader);
                    break;
                case Member.KeyId:
                    keyId = Text(ref reader);
                    if (keyId.IsEmpty || keyId.Length > LongestKeyId)
                    {
                        cause = "header: kid is empty or too long";
                        return TokenFailure.Malformed;
                    }

                    break;
                case Member.Type:
                    type = ReadType(Text(ref reader));
                    break;
                default:
                    // RFC 7519, section 5.2: cty "JWT" announces a nested token.
                    if (IsMediaType(Text(ref reader), "JWT"u8))
                    {
                        cause = "header: a nested token";
                        return TokenFailure.HeaderRefused;
                    }

                    break;
            }
        }

        if (algorithm == KeyAlgorithm.None)
        {
            cause = hasAlgorithm ? "header: alg is not RS256, ES256 or HS256" : "header: no alg";
            return hasAlgorithm ? TokenFailure.AlgorithmRefused : TokenFailure.Malformed;
        }

        header = new JoseHeader(algorithm, keyId, type);
        cause = null;
        return TokenFailure.None;
    }

    /// <remarks>
    /// <c>crit</c> names extensions that must be understood (RFC 7515, section 4.1.11) and none is, not even <c>b64</c> (RFC 7797).
    /// <c>jwk</c> carries the sender's own key. <c>jku</c>, <c>x5u</c> and <c>x5c</c> are never followed or read, so they may stand.
    /// </remarks>
    private static Member Classify(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("alg"u8))
            return Member.Algorithm;
        if (reader.ValueTextEquals("kid"u8))
            return Member.KeyId;
        if (reader.ValueTextEquals("typ"u8))
            return Member.Type;
        if (reader.ValueTextEquals("cty"u8))
            return Member.ContentType;
        return reader.ValueTextEquals("crit"u8) || reader.ValueTextEquals("jwk"u8) || reader.ValueTextEquals("b64"u8) || reader.ValueTextEquals("zip"u8)
            ? Member.Refused
            : Member.Other;
    }

    /// <remarks>Names are compared as they are written (RFC 7515, section 4.1.1). What HS256 is worth, the keys decide.</remarks>
    private static KeyAlgorithm ReadAlgorithm(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("RS256"u8))
            return KeyAlgorithm.RS256;
        if (reader.ValueTextEquals("ES256"u8))
            return KeyAlgorithm.ES256;
        return reader.ValueTextEquals("HS256"u8) ? KeyAlgorithm.HS256 : KeyAlgorithm.None;
    }

    private static TokenTypes ReadType(ReadOnlySpan<byte> type)
    {
        if (IsMediaType(type, "at+jwt"u8))
            return TokenTypes.AccessToken;
        if (IsMediaType(type, "client-authentication+jwt"u8))
            return TokenTypes.ClientAssertion;
        return IsMediaType(type, "JWT"u8) ? TokenTypes.Jwt : TokenTypes.None;
    }

    /// <summary>RFC 7515, section 4.1.9: media types compare without case and may omit <c>application/</c>.</summary>
    private static bool IsMediaType(ReadOnlySpan<byte> value, ReadOnlySpan<byte> type)
    {
        var prefix = "application/"u8;
        if (value.Length > prefix.Length && Ascii.EqualsIgnoreCase(value[..prefix.Length], prefix))
            value = value[prefix.Length..];
        return Ascii.EqualsIgnoreCase(value, type);
    }

    private static ReadOnlySpan<byte> Text(scoped ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return reader.ValueSpan;
        // Rare: real issuers escape nothing here.
        var text = new byte[reader.ValueSpan.Length];
        return text.AsSpan(0, reader.CopyString(text));
    }

    private enum Member
    {
        Other,
        Algorithm,
        KeyId,
        Type,
        ContentType,
        Refused,
    }
}
