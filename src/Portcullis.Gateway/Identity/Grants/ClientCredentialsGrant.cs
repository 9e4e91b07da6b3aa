using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Identity.Grants;

/// <summary>A client acts for itself (RFC 6749 §4.4).</summary>
internal sealed class ClientCredentialsGrant(AccessTokenIssuer issuer) : IGrantType
{
    public string Name => GrantNames.ClientCredentials;

    public ValueTask<GrantReply> RedeemAsync(GrantRequest request)
    {
        // §4.4: confidential clients only. A public client is whoever says its name.
        var client = request.Client;
        if (client.Authentication == ClientAuthenticationMethod.None) return new(new OAuthError("unauthorized_client", "a public client can't act for itself"));

        // §3.3: what was asked for, at most what the client may have.
        var granted = client.Permissions;
        if (request.Form["scope"] is { } wanted)
        {
            var words = Scopes.Split(wanted);
            if (words.Except(client.Permissions, StringComparer.Ordinal).Any()) return new(Scopes.NotAllowed);
            granted = words;
        }

        var tokens = new TokenSet(issuer.IssueToClient(client, granted, request.Certificate), granted) { ExpiresIn = issuer.ExpiresIn };
        return new(GrantReply.Give(tokens, new Caller(client.Id, client.Id, granted)));
    }
}
