using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tokens;

/// <summary>Makes access tokens (RFC 9068, section 2) and ID tokens signed by the ring's active token key. Safe from any thread.</summary>
public sealed class TokenIssuer
{
    private readonly KeyRing ring;
    private readonly TimeProvider clock;

    /// <param name="ring">A ring with a policy for <see cref="KeyPurpose.TokenSigning"/>.</param>
    /// <param name="issuer">The <c>iss</c> of every token, as discovery publishes it.</param>
    /// <param name="longestLifetime">No token lives longer. The ring must keep retired keys at least that long.</param>
    /// <param name="clock">Stamps the tokens.</param>
    public TokenIssuer(KeyRing ring, string issuer, TimeSpan longestLifetime, TimeProvider clock)
    {
        ArgumentException.ThrowIfNullOrEmpty(issuer);
        if (ring.PolicyOf(KeyPurpose.TokenSigning).KeepRetired is { } kept && kept < longestLifetime)
            throw new ArgumentException("A key would be destroyed before its last token expires.", nameof(longestLifetime));
        this.ring = ring;
        this.clock = clock;
        Issuer = issuer;
        LongestLifetime = longestLifetime;
    }

    /// <summary>The <c>iss</c> of every token.</summary>
    public string Issuer { get; }

    /// <summary>No token lives longer.</summary>
    public TimeSpan LongestLifetime { get; }

    /// <summary>Makes a token.</summary>
    /// <exception cref="ArgumentException">No subject, client or audience, or a lifetime that is not 1 second to <see cref="LongestLifetime"/>.</exception>
    /// <exception cref="InvalidOperationException">The token would be longer than the 16 KiB that any verifier of ours reads.</exception>
    public IssuedToken Issue(AccessTokenRequest request)
    {
        if (request.Subject.Length == 0 || request.ClientId.Length == 0 || request.Audience.Count == 0)
            throw new ArgumentException("An access token names subject, client and audience.", nameof(request));
        if (request.Lifetime < TimeSpan.FromSeconds(1) || request.Lifetime > LongestLifetime)
            throw new ArgumentException($"An access token lives 1 second to {LongestLifetime}.", nameof(request));
        if (request.CertificateThumbprint.Length is not (0 or SHA256.HashSizeInBytes))
            throw new ArgumentException("A thumbprint has 32 bytes.", nameof(request));

        var issued = clock.GetUtcNow().ToUnixTimeSeconds();
        var expires = issued + (long)request.Lifetime.TotalSeconds;
        var id = NewId();
        var payload = new ArrayBufferWriter<byte>(1024);
        Write(payload, request, id, issued, expires);
        var (token, keyId) = Sign("at+jwt", payload.WrittenSpan);
        if (token.Length > CompactToken.MaximumSize)
            throw new InvalidOperationException($"The token of client {request.ClientId} has {token.Length} bytes, more than {CompactToken.MaximumSize}: fewer permissions.");
        return new IssuedToken(token, id, keyId, DateTimeOffset.FromUnixTimeSeconds(expires));
    }

    /// <summary>Makes an ID token (OpenID Connect Core, section 2).</summary>
    /// <exception cref="ArgumentException">No subject or client, or a lifetime that is not 1 second to <see cref="LongestLifetime"/>.</exception>
    public string IssueIdToken(IdTokenRequest request)
    {
        if (request.Subject.Length == 0 || request.ClientId.Length == 0)
            throw new ArgumentException("An ID token names subject and client.", nameof(request));
        if (request.Lifetime < TimeSpan.FromSeconds(1) || request.Lifetime > LongestLifetime)
            throw new ArgumentException($"An ID token lives 1 second to {LongestLifetime}.", nameof(request));

        var issued = clock.GetUtcNow().ToUnixTimeSeconds();
        var payload = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(payload))
        {
            writer.WriteStartObject();
            writer.WriteString("iss"u8, Issuer);
            writer.WriteString("sub"u8, request.Subject);
            writer.WriteString("aud"u8, request.ClientId);
            writer.WriteNumber("exp"u8, issued + (long)request.Lifetime.TotalSeconds);
            writer.WriteNumber("iat"u8, issued);
            writer.WriteString("jti"u8, NewId());
            Write(writer, request.Authentication);
            WriteIfAny(writer, "nonce"u8, request.Nonce);
            WriteIfAny(writer, "sid"u8, request.SessionId);
            if (request.AccessToken is { } accessToken)
            {
                // Section 3.1.3.6: the left half of the hash that goes with RS256 and ES256.
                Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
                SHA256.HashData(Encoding.ASCII.GetBytes(accessToken), hash);
                writer.WriteString("at_hash"u8, Base64Url.EncodeToString(hash[..16]));
            }

            writer.WriteEndObject();
        }

        return Sign("JWT", payload.WrittenSpan).Token;
    }

    /// <summary>128 random bits: not guessable, and no two alike.</summary>
    private static string NewId()
    {
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        return Base64Url.EncodeToString(random);
    }

    private (string Token, string KeyId) Sign(string type, ReadOnlySpan<byte> payload)
    {
        // A rotation between the look and the use takes a key away; the next look finds its successor.
        for (var attempt = 0; attempt < 3; attempt++)
        {
            if (ring.Current.FindSigningKey(KeyPurpose.TokenSigning) is { } key && CompactSigner.Sign(key, type, payload) is { } token)
                return (token, key.Id);
        }

        throw new InvalidOperationException("The ring has no key that signs tokens.");
    }

    private void Write(ArrayBufferWriter<byte> payload, AccessTokenRequest request, string id, long issued, long expires)
    {
        using var writer = new Utf8JsonWriter(payload);
        writer.WriteStartObject();
        writer.WriteString("iss"u8, Issuer);
        writer.WriteString("sub"u8, request.Subject);
        if (request.Audience.Count == 1)
            writer.WriteString("aud"u8, request.Audience[0]);
        else
            WriteAll(writer, "aud"u8, request.Audience);
        writer.WriteNumber("exp"u8, expires);
        writer.WriteNumber("iat"u8, issued);
        writer.WriteString("jti"u8, id);
        writer.WriteString("client_id"u8, request.ClientId);
        if (request.Scope is { Length: > 0 } scope)
            writer.WriteString("scope"u8, scope);
        if (request.Permissions.Count > 0)
            WriteAll(writer, "permissions"u8, request.Permissions);
        if (request.Roles.Count > 0)
            WriteAll(writer, "roles"u8, request.Roles);
        WriteIfAny(writer, "grant_id"u8, request.GrantId);
        WriteIfAny(writer, "sid"u8, request.SessionId);
        if (request.Authentication is { } authentication)
            Write(writer, authentication);
        WriteIfAny(writer, "tenant"u8, request.Tenant);
        if (!request.CertificateThumbprint.IsEmpty)
        {
            writer.WriteStartObject("cnf"u8);
            writer.WriteString("x5t#S256"u8, Base64Url.EncodeToString(request.CertificateThumbprint.Span));
            writer.WriteEndObject();
        }

        if (request.Actor is { Length: > 0 } actor)
        {
            writer.WriteStartObject("act"u8);
            writer.WriteString("sub"u8, actor);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, AuthenticationEvent authentication)
    {
        writer.WriteNumber("auth_time"u8, authentication.At.ToUnixTimeSeconds());
        if (authentication.Methods.Count > 0)
            WriteAll(writer, "amr"u8, authentication.Methods);
    }

    private static void WriteIfAny(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is { Length: > 0 })
            writer.WriteString(name, value);
    }

    private static void WriteAll(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }
}
