using System.Buffers.Text;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Pipeline;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity;

/// <summary>
/// <c>POST /oauth/introspect</c> (RFC 7662): tells an authenticated client about an access token, and the client that has it about a refresh token.
/// Whatever is wrong with a token, all that is told is that it is not active (§2.2).
/// </summary>
internal sealed class IntrospectionEndpoint(ClientAuthenticator authenticator, ClientLimit limit, OwnTokens tokens, IGrantStore? grants, string issuer, TimeProvider clock) : ClientEndpoint(authenticator, limit)
{
    protected override async ValueTask<Verdict> AnswerAsync(Exchange exchange, OAuthClient client, OAuthParameters form)
    {
        // §2.1: who asks must be authorized, or tokens could be fished for. A public client's name is known to everybody.
        if (client.Authentication == ClientAuthenticationMethod.None) return await OAuthReply.FailAsync(exchange, OAuthError.InvalidClient("a public client may not introspect"));
        if (form["token"] is not { } text) return await OAuthReply.FailAsync(exchange, OAuthError.InvalidRequest("token is missing"));

        if (OpaqueToken.Read(TokenPrefixes.Refresh, text) is { } presented)
        {
            var known = grants is null ? null : await grants.FindRefreshTokenAsync(presented.Hash, clock.GetUtcNow(), exchange.Aborted);
            return known is { IsUsable: true, Grant: var grant } && grant.ClientId == client.Id
                ? await RespondAsync(exchange, grant)
                : await RespondAsync(exchange);
        }

        return await tokens.ReadAsync(text, exchange.Aborted) is { } claims ? await RespondAsync(exchange, claims, await tokens.ScopeAsync(claims, exchange.Aborted)) : await RespondAsync(exchange);
    }

    private static ValueTask<Verdict> RespondAsync(Exchange exchange) => OAuthReply.RespondAsync(exchange, 200, writer => writer.WriteBoolean("active"u8, false));

    private ValueTask<Verdict> RespondAsync(Exchange exchange, TokenClaims claims, string? scope) => OAuthReply.RespondAsync(exchange, 200, writer =>
    {
        writer.WriteBoolean("active"u8, true);
        writer.WriteString("iss"u8, issuer);
        writer.WriteString("sub"u8, claims.Subject);
        writer.WriteString("client_id"u8, claims.ClientId);
        if (!string.IsNullOrEmpty(scope)) writer.WriteString("scope"u8, scope);
        writer.WriteString("token_type"u8, "Bearer"u8);
        writer.WriteString("jti"u8, claims.TokenId);
        writer.WriteNumber("exp"u8, claims.ExpiresAt);
        if (claims.IssuedAt is { } issued) writer.WriteNumber("iat"u8, issued);
        if (claims.FindString("tenant"u8) is { } tenant) writer.WriteString("tenant"u8, tenant);

        // RFC 8705 §3.2: whoever asks holds the token against the certificate itself.
        if (TokenBinding.Of(claims) is { CertificateThumbprint.Length: > 0 } binding)
        {
            writer.WriteStartObject("cnf"u8);
            writer.WriteString("x5t#S256"u8, Base64Url.EncodeToString(binding.CertificateThumbprint.Span));
            writer.WriteEndObject();
        }

        writer.WriteStartArray("aud"u8);
        foreach (var one in claims.Audience) writer.WriteStringValue(one);
        writer.WriteEndArray();
    });

    private ValueTask<Verdict> RespondAsync(Exchange exchange, Grant grant) => OAuthReply.RespondAsync(exchange, 200, writer =>
    {
        writer.WriteBoolean("active"u8, true);
        writer.WriteString("iss"u8, issuer);
        writer.WriteString("sub"u8, grant.Subject);
        writer.WriteString("client_id"u8, grant.ClientId);
        writer.WriteString("scope"u8, string.Join(' ', grant.Scope));
        writer.WriteString("token_type"u8, "refresh_token"u8);
        writer.WriteNumber("exp"u8, grant.ExpiresAt.ToUnixTimeSeconds());
    });
}
