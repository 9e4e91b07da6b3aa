using System.Text.Json;

namespace Portcullis.Trust.Tokens;

/// <summary>Reads the claims of a payload. Types and ranges are checked here, meaning by the <see cref="TokenVerifier"/>.</summary>
internal static class ClaimsReader
{
    private const int MaximumDepth = 12;

    // The last second of the year 9999: what DateTimeOffset can hold.
    internal const long LatestDate = 253402300799;

    /// <summary>Null with a <paramref name="fault"/> when the payload is not strict JSON or a claim that is known here has a wrong type.</summary>
    public static TokenClaims? Read(ReadOnlySpan<byte> payload, KnownTexts known, out string? fault)
    {
        if (!StrictJson.IsObject(payload, MaximumDepth, out fault))
            return null;
        var claims = new TokenClaims(payload.ToArray());
        var reader = new Utf8JsonReader(payload);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            fault = ReadMember(ref reader, claims, known);
            if (fault is not null)
                return null;
        }

        return claims;
    }

    private static string? ReadMember(ref Utf8JsonReader reader, TokenClaims claims, KnownTexts known)
    {
        if (reader.ValueTextEquals("iss"u8))
            return (claims.Issuer = Text(ref reader, known)) is null ? "iss is not a string" : null;
        if (reader.ValueTextEquals("sub"u8))
            return (claims.Subject = Text(ref reader, known)) is null ? "sub is not a string" : null;
        if (reader.ValueTextEquals("client_id"u8))
            return (claims.ClientId = Text(ref reader, known)) is null ? "client_id is not a string" : null;
        if (reader.ValueTextEquals("jti"u8))
            return (claims.TokenId = Text(ref reader, known)) is null ? "jti is not a string" : null;
        if (reader.ValueTextEquals("scope"u8))
        {
            // A string (RFC 8693, section 4.2); an array where the issuer is older than that.
            claims.Scope = Words(ref reader, known, out var scope) is { } single ? single : scope.Length == 0 ? null : string.Join(' ', scope);
            return null;
        }

        if (reader.ValueTextEquals("nbf"u8))
            return (claims.NotBefore = Date(ref reader)) is null ? "nbf is no date" : null;
        if (reader.ValueTextEquals("iat"u8))
            return (claims.IssuedAt = Date(ref reader)) is null ? "iat is no date" : null;
        if (reader.ValueTextEquals("exp"u8))
        {
            var expires = Date(ref reader);
            claims.ExpiresAt = expires ?? 0;
            return expires is null ? "exp is no date" : null;
        }

        if (reader.ValueTextEquals("aud"u8))
        {
            var audience = Texts(ref reader, known);
            claims.Audience = audience ?? [];
            return audience is null ? "aud is neither a string nor strings" : null;
        }

        if (reader.ValueTextEquals("permissions"u8))
        {
            claims.Permissions = Words(ref reader, known, out var permissions) is { } single ? single.Split(' ', StringSplitOptions.RemoveEmptyEntries) : permissions;
            return null;
        }

        if (reader.ValueTextEquals("roles"u8))
        {
            claims.Roles = Words(ref reader, known, out var roles) is { } single ? single.Split(' ', StringSplitOptions.RemoveEmptyEntries) : roles;
            return null;
        }

        reader.Read();
        reader.Skip();
        return null;
    }

    private static string? Text(ref Utf8JsonReader reader, KnownTexts known)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? known.Read(ref reader) : null;
    }

    /// <summary>
    /// Words in one string, which is returned, or in an array. What is neither gives no words and does not refuse the token: issuers put what
    /// they like under these names, and whoever has no words may do nothing.
    /// </summary>
    private static string? Words(ref Utf8JsonReader reader, KnownTexts known, out string[] array)
    {
        var ahead = reader;
        ahead.Read();
        array = [];
        if (ahead.TokenType == JsonTokenType.String)
            return Text(ref reader, known);
        var start = reader;
        if (Texts(ref reader, known) is { } texts)
        {
            array = texts;
            return null;
        }

        reader = start;
        reader.Read();
        reader.Skip();
        return null;
    }

    /// <summary>An array of strings, or one string (RFC 7519, section 4.1.3).</summary>
    private static string[]? Texts(ref Utf8JsonReader reader, KnownTexts known)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return [known.Read(ref reader)];
        if (reader.TokenType != JsonTokenType.StartArray)
            return null;

        // Counted first, so that the array is made once; the size of a token bounds both walks.
        var ahead = reader;
        var count = 0;
        while (ahead.Read() && ahead.TokenType == JsonTokenType.String)
            count++;
        if (ahead.TokenType != JsonTokenType.EndArray)
            return null;
        var texts = count == 0 ? [] : new string[count];
        for (var i = 0; i < count; i++)
        {
            reader.Read();
            texts[i] = known.Read(ref reader);
        }

        reader.Read();
        return texts;
    }

    /// <summary>A NumericDate (RFC 7519, section 2): seconds since 1970, of which fractions are cut off. Only 1970 to 9999 is a date here.</summary>
    private static long? Date(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.Number)
            return null;
        if (reader.TryGetInt64(out var seconds))
            return seconds is >= 0 and <= LatestDate ? seconds : null;
        return reader.TryGetDouble(out var fractional) && fractional is >= 0 and <= LatestDate ? (long)fractional : null;
    }
}
