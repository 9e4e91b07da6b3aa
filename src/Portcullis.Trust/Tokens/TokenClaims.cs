using System.Text.Json;

namespace Portcullis.Trust.Tokens;

/// <summary>The claims of a token (RFC 7519, section 4; RFC 9068, section 2.2). Immutable. Absent claims are null or empty.</summary>
public sealed class TokenClaims
{
    private readonly byte[] payload;

    internal TokenClaims(byte[] payload) => this.payload = payload;

    /// <summary>Who issued it (<c>iss</c>).</summary>
    public string? Issuer { get; internal set; }

    /// <summary>Whom it speaks for (<c>sub</c>).</summary>
    public string? Subject { get; internal set; }

    /// <summary>Whom it is meant for (<c>aud</c>).</summary>
    public IReadOnlyList<string> Audience { get; internal set; } = [];

    /// <summary>The client that asked for it (<c>client_id</c>).</summary>
    public string? ClientId { get; internal set; }

    /// <summary>Its own id (<c>jti</c>).</summary>
    public string? TokenId { get; internal set; }

    /// <summary>Scopes, separated by spaces, as they came (<c>scope</c>).</summary>
    public string? Scope { get; internal set; }

    /// <summary>What the bearer may do (<c>permissions</c>).</summary>
    public IReadOnlyList<string> Permissions { get; internal set; } = [];

    /// <summary>Roles of the subject (<c>roles</c>, RFC 9068, section 2.2.3.1).</summary>
    public IReadOnlyList<string> Roles { get; internal set; } = [];

    /// <summary>When it stops being valid, in seconds since 1970 (<c>exp</c>). Zero when absent, which no accepted token has.</summary>
    public long ExpiresAt { get; internal set; }

    /// <summary>When it starts being valid, in seconds since 1970 (<c>nbf</c>).</summary>
    public long? NotBefore { get; internal set; }

    /// <summary>When it was issued, in seconds since 1970 (<c>iat</c>).</summary>
    public long? IssuedAt { get; internal set; }

    /// <summary>The key that signed it (<c>kid</c> of the key set). Null before verification, and where a shared secret verified it.</summary>
    public string? KeyId { get; internal set; }

    /// <summary>The whole payload, strict JSON in UTF-8, for claims that have no property here.</summary>
    public ReadOnlyMemory<byte> Payload => payload;

    /// <summary>The claim of this name at the top of the payload when it is a string; otherwise null.</summary>
    public string? FindString(ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(payload);
        return Seek(ref reader, name) && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
    }

    /// <summary>The claim of this name at the top of the payload when it is a whole number; otherwise null.</summary>
    public long? FindInteger(ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(payload);
        return Seek(ref reader, name) && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) ? number : null;
    }

    /// <summary>The claim of this name at the top of the payload: its strings where it is an array, itself where it is one string; otherwise none.</summary>
    public IReadOnlyList<string> FindStrings(ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(payload);
        if (!Seek(ref reader, name))
            return [];
        if (reader.TokenType == JsonTokenType.String)
            return [reader.GetString()!];
        if (reader.TokenType != JsonTokenType.StartArray)
            return [];
        var texts = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
                texts.Add(reader.GetString()!);
            else
                reader.Skip();
        }

        return texts;
    }

    /// <summary>How and when the subject proved who they are (<c>auth_time</c>, <c>amr</c>); null where the token says neither. A time that it does not say lies in 1970.</summary>
    public AuthenticationEvent? FindAuthentication()
    {
        var at = FindInteger("auth_time"u8) is { } seconds and >= 0 and <= ClaimsReader.LatestDate ? seconds : 0;
        var methods = FindStrings("amr"u8);
        return at == 0 && methods.Count == 0 ? null : new AuthenticationEvent(DateTimeOffset.FromUnixTimeSeconds(at), methods);
    }

    /// <summary>Moves to the value of a claim at the top of the payload; false where there is none.</summary>
    internal bool Seek(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found)
                return true;
            reader.Skip();
        }

        return false;
    }
}
