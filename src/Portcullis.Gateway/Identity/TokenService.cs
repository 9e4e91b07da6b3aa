using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authenticate;

namespace Portcullis.Gateway.Identity;

/// <summary>The endpoints of the token service for one configuration, wired in plain sight. What it has no store for is not there.</summary>
internal sealed class TokenService
{
    private readonly List<(string Name, string Path, string[] Methods, ITerminal Terminal)> endpoints = [];

    /// <param name="identity">The identity section.</param>
    /// <param name="state">What there is to offer.</param>
    /// <param name="asksForCertificates">Whether a listener asks clients for certificates.</param>
    public TokenService(IdentityOptions identity, DataPlaneState state, bool asksForCertificates)
    {
        var services = state.Identity;
        var clock = state.Clock;
        var events = state.SecurityEvents;
        var issuer = new AccessTokenIssuer(state.Keys, identity, clock);
        var assertions = services.Assertions is { } seen ? new ClientAssertions(state.ClientKeys, seen, events, identity, clock) : null;
        var authenticator = new ClientAuthenticator(state.Clients, assertions, clock);
        var limit = new ClientLimit(state.Limits);
        var own = new OwnTokens(state.Keys, identity, state.Revocations, clock, services.Entitlements);
        var ending = services.Grants is { } store ? new GrantEnding(store, state.RevocationFeed, events, clock) : null;

        List<IGrantType> grants = [new ClientCredentialsGrant(issuer), new TokenExchangeGrant(state.Tokens, TrustedIssuers.From(identity), issuer, clock)];
        if (services is { OffersCodes: true, Grants: { } codes, People: { } people, SignIn: { } signIn })
        {
            var tokens = new PersonTokens(issuer, people);
            grants.Add(new AuthorizationCodeGrant(codes, ending!, tokens, clock));
            grants.Add(new RefreshTokenGrant(codes, ending!, tokens, clock));
            endpoints.Add(("(authorize)", BuiltInRoutes.AuthorizationPath, ["GET"], new AuthorizationEndpoint(state.Clients, codes, people, signIn, identity, clock)));
            endpoints.Add(("(userinfo)", BuiltInRoutes.UserInfoPath, ["GET", "POST"], new UserInfoEndpoint(own, people)));
        }

        endpoints.Add(("(token)", BuiltInRoutes.TokenPath, ["POST"], new TokenEndpoint(authenticator, limit, grants)));
        endpoints.Add(("(introspect)", BuiltInRoutes.IntrospectionPath, ["POST"], new IntrospectionEndpoint(authenticator, limit, own, services.Grants, identity.Issuer, clock)));
        if (services.Revocations is not null)
            endpoints.Add(("(revoke)", BuiltInRoutes.RevocationPath, ["POST"], new RevocationEndpoint(authenticator, limit, own, state.RevocationFeed, services.Grants, ending, events, clock)));
        Metadata = DiscoveryDocument.Create(identity, services, [.. grants.Select(grant => grant.Name)], asksForCertificates);
    }

    /// <summary>Name, path, methods and terminal of each.</summary>
    public IReadOnlyList<(string Name, string Path, string[] Methods, ITerminal Terminal)> Endpoints => endpoints;

    /// <summary>The discovery document.</summary>
    public ReadOnlyMemory<byte> Metadata { get; }
}
