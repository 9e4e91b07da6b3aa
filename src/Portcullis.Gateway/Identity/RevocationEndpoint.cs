using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Pipeline;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity;

/// <summary>
/// <c>POST /oauth/revoke</c> (RFC 7009): a client ends a token of its own. A refresh token takes its whole grant along, access tokens too (§2.1); an
/// access token goes alone. What is no token of ours, or none any more, is answered as if it had been one (§2.2).
/// </summary>
internal sealed class RevocationEndpoint(
    ClientAuthenticator authenticator, ClientLimit limit, OwnTokens tokens, RevocationFeed revocations, IGrantStore? grants, GrantEnding? ending, ISecurityEvents events, TimeProvider clock)
    : ClientEndpoint(authenticator, limit)
{
    protected override async ValueTask<Verdict> AnswerAsync(Exchange exchange, OAuthClient client, OAuthParameters form)
    {
        // The hint (§2.1) is not needed: the kinds can't be taken for each other.
        if (form["token"] is not { } text) return await OAuthReply.FailAsync(exchange, OAuthError.InvalidRequest("token is missing"));

        if (OpaqueToken.Read(TokenPrefixes.Refresh, text) is { } presented)
        {
            var known = grants is null ? null : await grants.FindRefreshTokenAsync(presented.Hash, clock.GetUtcNow(), exchange.Aborted);
            if (known is null) return await OAuthReply.RespondAsync(exchange, 200);
            if (known.Grant.ClientId != client.Id) return await RefuseAsync(exchange, client, known.Grant.Subject, known.Grant.Id);

            // A spent one, too: its grant may live on in the successor.
            await ending!.EndAsync(SecurityEventKind.TokenRevoked, known.Grant, client.Id, exchange.RequestId);
            return await OAuthReply.RespondAsync(exchange, 200);
        }

        if (await tokens.ReadAsync(text, exchange.Aborted) is not { } claims) return await OAuthReply.RespondAsync(exchange, 200);
        if (claims.ClientId != client.Id) return await RefuseAsync(exchange, client, claims.Subject!, string.Empty);

        await revocations.RevokeAsync(
            new Revocation(RevocationKind.Token, claims.TokenId!, clock.GetUtcNow()) { ClientId = client.Id, Until = DateTimeOffset.FromUnixTimeSeconds(claims.ExpiresAt + 300) },
            exchange.Aborted);
        return await OAuthReply.RespondAsync(exchange, 200);
    }

    /// <summary>§2.1: a token that was issued to another client.</summary>
    private ValueTask<Verdict> RefuseAsync(Exchange exchange, OAuthClient client, string subject, string grantId)
    {
        events.Raise(new SecurityEvent(SecurityEventKind.ForeignRevocation) { ClientId = client.Id, Subject = subject, GrantId = grantId, RequestId = exchange.RequestId });
        return OAuthReply.FailAsync(exchange, new OAuthError("unauthorized_client", "the token was not issued to this client"));
    }
}
