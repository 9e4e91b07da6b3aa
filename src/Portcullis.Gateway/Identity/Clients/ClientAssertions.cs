using System.Security.Cryptography;
using System.Text;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity.Clients;

/// <summary>Judges the assertions by which clients prove themselves: <c>private_key_jwt</c> (RFC 7523 §3; OpenID Connect Core §9).</summary>
internal sealed class ClientAssertions(ClientKeys keys, IAssertionsSeen seen, ISecurityEvents events, IdentityOptions identity, TimeProvider clock)
{
    /// <summary>The value of <c>client_assertion_type</c>.</summary>
    public const string Type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /// <summary>Longest time from now to <c>exp</c>: so long its <c>jti</c> is remembered.</summary>
    public static readonly TimeSpan LongestLifetime = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private const int LongestId = 256;

    // RFC 7523 §3, item 3: the issuer; clients of before its revision name the token endpoint.
    private readonly string[] audiences = [identity.Issuer, identity.Issuer.TrimEnd('/') + BuiltInRoutes.TokenPath];

    /// <summary>The client an assertion says it is of, believed by nobody yet; null where it can't be one.</summary>
    public static string? ClaimedClient(string assertion)
        => Encoding.UTF8.GetByteCount(assertion) == assertion.Length && UnverifiedToken.TryParse(Encoding.ASCII.GetBytes(assertion), out var token, out _) ? token.Claims.Subject : null;

    /// <summary>Null where the assertion proves the client, this one time; otherwise why it does not.</summary>
    public async ValueTask<string?> JudgeAsync(OAuthClient client, string assertion, string requestId, CancellationToken cancellationToken)
    {
        // 1. Signature, issuer, audience, times. Types: explicit, or as clients of before send them; never at+jwt (RFC 8725 §3.11).
        if (keys.For(client) is not { } source) return "the client has no readable keys";
        var rules = new TokenRules { Issuer = client.Id, Audiences = audiences, Types = TokenTypes.ClientAssertion | TokenTypes.Jwt | TokenTypes.Untyped, ClockSkew = Skew };
        var verifier = new TokenVerifier(rules, clock);
        var tried = source.Keys;
        var result = verifier.Verify(assertion, tried);
        if (result.Failure == TokenFailure.UnknownKey && await source.RefreshAsync(tried, KeyIdOf(assertion), cancellationToken)) result = verifier.Verify(assertion, source.Keys);
        if (!result.IsValid) return "assertion: " + result.Cause;

        // 2. The client speaks for itself (item 2), to us alone: an assertion with a second audience is another server's to replay.
        var claims = result.Claims;
        if (claims.Subject != client.Id) return "assertion: sub is not the client";
        if (claims.Audience.Count != 1) return "assertion: more than one audience";

        // 3. Short-lived (item 4), and used once (item 7).
        if (claims.ExpiresAt > (clock.GetUtcNow() + LongestLifetime + Skew).ToUnixTimeSeconds()) return "assertion: exp is too far ahead";
        if (claims.TokenId is not { Length: > 0 and <= LongestId } id) return "assertion: jti is missing or too long";
        if (await seen.TryAddAsync(client.Id, SHA256.HashData(Encoding.UTF8.GetBytes(id)), DateTimeOffset.FromUnixTimeSeconds(verifier.RefusedFrom(claims)), cancellationToken)) return null;

        events.Raise(new SecurityEvent(SecurityEventKind.AssertionReplayed) { ClientId = client.Id, RequestId = requestId });
        return "assertion: used before";
    }

    private static string? KeyIdOf(string assertion) => UnverifiedToken.TryParse(Encoding.ASCII.GetBytes(assertion), out var token, out _) ? token.KeyId : null;
}
