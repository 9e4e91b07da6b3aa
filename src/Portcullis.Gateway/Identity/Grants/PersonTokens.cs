using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;
using Portcullis.Trust.Keys;

namespace Portcullis.Gateway.Identity.Grants;

/// <summary>Makes the tokens of a person's grant: what code and refresh token have in common.</summary>
internal sealed class PersonTokens(AccessTokenIssuer issuer, IPeople people)
{
    /// <summary>The tokens, or an error where the person is gone.</summary>
    /// <param name="request">What the client asked, and the client as it is registered now.</param>
    /// <param name="grant">The grant.</param>
    /// <param name="scope">What of the grant shall be given.</param>
    /// <param name="nonce">For the ID token.</param>
    /// <param name="refresh">The refresh token that goes with them.</param>
    public async ValueTask<GrantReply> IssueAsync(
        GrantRequest request, Grant grant, IReadOnlyList<string> scope, string? nonce, Secret? refresh)
    {
        // RFC 9700 §4.14: a person who was disabled, or lost a permission, has lost it here too.
        if (await people.FindAsync(grant.Subject, request.Aborted) is not { } person) return OAuthError.InvalidGrant("the person is unknown or disabled");

        // A tenant's client gets tokens for the tenant's people alone, whoever of the others signs in to it.
        var client = request.Client;
        if (client.Tenant is { } tenant && tenant != person.Tenant) return OAuthError.InvalidGrant("the person is of another tenant than the client");

        var permissions = Scopes.Permitted(client, person.PermissionsBy(grant.Authentication), scope);
        string[] given = [.. scope.Where(Scopes.OfOpenId.Contains), .. permissions];
        var access = issuer.IssueToPerson(grant, person, given, permissions, request.Certificate);
        var tokens = new TokenSet(access, given)
        {
            ExpiresIn = issuer.ExpiresIn,
            Refresh = refresh,
            Id = given.Contains(Scopes.OpenId) ? issuer.IssueIdToken(grant, nonce, access) : null,
        };
        return GrantReply.Give(tokens, new Caller(grant.Subject, grant.ClientId, permissions));
    }
}
