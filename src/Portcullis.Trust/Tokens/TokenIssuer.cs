using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tokens;

/// <summary>Makes access tokens (RFC 9068, section 2) signed by the ring's active token key. Safe from any thread.</summary>
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

        var issued = clock.GetUtcNow().ToUnixTimeSeconds();
        var expires = issued + (long)request.Lifetime.TotalSeconds;
        // 128 random bits: not guessable, and no two alike.
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        var id = Base64Url.EncodeToString(random);

        var payload = new ArrayBufferWriter<byte>(1024);
        Write(payload, request, id, issued, expires);
        var (token, keyId) = Sign(payload.WrittenSpan);
        if (token.Length > CompactToken.MaximumSize)
            throw new InvalidOperationException($"The token of client {request.ClientId} has {token.Length} bytes, more than {CompactToken.MaximumSize}: fewer permissions.");
        return new IssuedToken(token, id, keyId, DateTimeOffset.FromUnixTimeSeconds(expires));
    }

    private (string Token, string KeyId) Sign(ReadOnlySpan<byte> payload)
    {
        // A rotation between the look and the use takes a key away; the next look finds its successor.
        for (var attempt = 0; attempt < 3; attempt++)
        {
            if (ring.Current.FindSigningKey(KeyPurpose.TokenSigning) is { } key && CompactSigner.Sign(key, "at+jwt", payload) is { } token)
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
        writer.WriteEndObject();
    }

    private static void WriteAll(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }
}
