using System.Security.Cryptography;
using System.Text.Json;

namespace Portcullis.Trust.Tokens;

/// <summary>
/// What a token is bound to (<c>cnf</c>, RFC 7800, section 3.1), so that a thief of the token alone can't use it. Only client certificates are known
/// (RFC 8705, section 3.1). Whatever else a token asks for can't be checked here, so such a token is nobody's.
/// </summary>
public sealed class TokenBinding
{
    private readonly byte[] thumbprint;

    private TokenBinding(byte[] thumbprint) => this.thumbprint = thumbprint;

    /// <summary>SHA-256 of the certificate's DER form; empty where the binding is not understood.</summary>
    public ReadOnlyMemory<byte> CertificateThumbprint => thumbprint;

    /// <summary>The binding of a token; null where it has none. One that is malformed or of another kind matches no certificate.</summary>
    public static TokenBinding? Of(TokenClaims claims)
    {
        var reader = new Utf8JsonReader(claims.Payload.Span);
        if (!claims.Seek(ref reader, "cnf"u8))
            return null;
        if (reader.TokenType != JsonTokenType.StartObject)
            return new TokenBinding([]);

        byte[]? thumbprint = null;
        var members = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            members++;
            var isThumbprint = reader.ValueTextEquals("x5t#S256"u8);
            reader.Read();
            if (isThumbprint && reader.TokenType == JsonTokenType.String)
                thumbprint = Base64UrlStrict.Decode(reader.GetString()!);
            reader.Skip();
        }

        // A second kind of proof beside the certificate would be asked for by whoever issued the token, and not be checked.
        return new TokenBinding(members == 1 && thumbprint is { Length: SHA256.HashSizeInBytes } ? thumbprint : []);
    }

    /// <summary>Whether the certificate of this thumbprint is the one, compared in fixed time. No certificate (an empty thumbprint) never is.</summary>
    public bool Matches(ReadOnlySpan<byte> certificateThumbprint)
        => thumbprint.Length == SHA256.HashSizeInBytes && CryptographicOperations.FixedTimeEquals(thumbprint, certificateThumbprint);
}
