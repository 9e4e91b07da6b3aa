using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Identity;

/// <summary><c>POST /oauth/token</c> (RFC 6749 §3.2): finds the grant that is asked for and tells what it gives.</summary>
internal sealed class TokenEndpoint(ClientAuthenticator authenticator, ClientLimit limit, IReadOnlyList<IGrantType> grants) : ClientEndpoint(authenticator, limit)
{
    protected override async ValueTask<Verdict> AnswerAsync(Exchange exchange, OAuthClient client, OAuthParameters form)
    {
        // 1. The grant: one that is offered, and that the client is registered for (§5.2).
        if (form["grant_type"] is not { } name) return await OAuthReply.FailAsync(exchange, OAuthError.InvalidRequest("grant_type is missing"));
        if (grants.FirstOrDefault(one => one.Name == name) is not { } grant) return await OAuthReply.FailAsync(exchange, new("unsupported_grant_type", "that grant is not supported"));
        if (!client.Grants.Contains(name)) return await OAuthReply.FailAsync(exchange, new("unauthorized_client", "the client is not registered for that grant"));

        // 2. Its decision.
        var shown = exchange.Certificate;
        var binding = client.Authentication == ClientAuthenticationMethod.Certificate && shown is not null ? shown.Thumbprint.ToArray() : [];
        var reply = await grant.RedeemAsync(new GrantRequest(client, form, exchange.ClientAddress, exchange.RequestId, exchange.Aborted) { Certificate = binding, Presented = shown });
        if (!reply.IsGranted) return await OAuthReply.FailAsync(exchange, reply.Error);

        exchange.Caller = reply.Caller;
        var tokens = reply.Tokens;
        return await OAuthReply.RespondAsync(exchange, 200, writer =>
        {
            writer.WriteString("access_token"u8, tokens.Access.Token);
            if (tokens.IssuedTokenType is { } type) writer.WriteString("issued_token_type"u8, type);
            writer.WriteString("token_type"u8, "Bearer"u8);
            writer.WriteNumber("expires_in"u8, tokens.ExpiresIn);
            writer.WriteString("scope"u8, string.Join(' ', tokens.Scope));
            if (tokens.Refresh is { } refresh) writer.WriteString("refresh_token"u8, refresh.RevealBytes());
            if (tokens.Id is { } id) writer.WriteString("id_token"u8, id);
        });
    }
}
