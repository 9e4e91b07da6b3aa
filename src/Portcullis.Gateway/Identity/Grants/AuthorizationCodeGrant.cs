using Portcullis.Gateway.Identity.Events;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity.Grants;

/// <summary>A code for tokens (RFC 6749 §4.1.3 with RFC 7636 §4.5). A code counts once, for the client, redirect and challenge it is bound to.</summary>
internal sealed class AuthorizationCodeGrant(IGrantStore store, GrantEnding ending, PersonTokens tokens, TimeProvider clock) : IGrantType
{
    public string Name => GrantNames.AuthorizationCode;

    public async ValueTask<GrantReply> RedeemAsync(GrantRequest request)
    {
        // 1. All of it must be there: without a verifier there is no PKCE, and no request does without (RFC 9700 §2.1.1).
        if (request.Form["code"] is not { } text) return OAuthError.InvalidRequest("code is missing");
        if (request.Form["redirect_uri"] is not { } redirect) return OAuthError.InvalidRequest("redirect_uri is missing");
        if (request.Form["code_verifier"] is not { } verifier) return OAuthError.InvalidRequest("code_verifier is missing");
        if (OpaqueToken.Read(TokenPrefixes.Code, text) is not { } presented) return OAuthError.InvalidGrant("not a code");

        // 2. One atomic decision: from here on the code is spent. A second time ends what the first gave (RFC 6749 §4.1.2).
        var redemption = await store.RedeemCodeAsync(presented.Hash, clock.GetUtcNow(), request.Aborted);
        if (redemption is { Outcome: CodeRedemptionOutcome.Replayed, Code.Grant: var replayed }) ending.Ended(SecurityEventKind.CodeReplayed, replayed, request.Client.Id, request.RequestId);
        if (!redemption.IsRedeemed) return OAuthError.InvalidGrant($"code: {redemption.Outcome}");

        // 3. What it is bound to. Whoever brings it with anything else has got it from somebody: it is worth nothing to anybody any more.
        var code = redemption.Code;
        var misuse = code.Grant.ClientId != request.Client.Id ? "code of another client"
            : code.RedirectUri != redirect ? "another redirect_uri"
            : !ProofKey.Matches(code.Challenge, verifier) ? "code_verifier does not match"
            : null;
        if (misuse is not null)
        {
            await ending.EndAsync(SecurityEventKind.CodeMisused, code.Grant, request.Client.Id, request.RequestId);
            return OAuthError.InvalidGrant(misuse);
        }

        // 4. A refresh token where the client is registered for them. Where the grant was ended meanwhile, as by a replay, there is none of anything.
        OpaqueToken? refresh = null;
        if (request.Client.Grants.Contains(GrantNames.RefreshToken))
        {
            refresh = OpaqueToken.Create(TokenPrefixes.Refresh);
            if (!await store.AddRefreshTokenAsync(code.Grant.Id, refresh.Hash, clock.GetUtcNow(), request.Aborted)) return OAuthError.InvalidGrant("the grant has ended");
        }

        return await tokens.IssueAsync(request, code.Grant, code.Grant.Scope, code.Nonce, refresh?.Text);
    }
}
