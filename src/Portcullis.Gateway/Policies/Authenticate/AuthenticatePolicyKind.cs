using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Cors;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary><c>authenticate</c>: who calls. The one policy that every route must name.</summary>
internal sealed class AuthenticatePolicyKind : PolicyKind<AuthenticateOptions>
{
    public override string Name => "authenticate";

    public override string Description => "How callers are identified: token, session, apiKey, certificate, or none to let everybody in. Every route must say.";

    protected override IEnumerable<Policy> Compile(AuthenticateOptions options, RouteCompilation route)
    {
        if (options.Methods is [])
        {
            route.Error(string.Empty, "no way to authenticate is named", "write authenticate: token, or authenticate: none to let everybody in");
            return [];
        }

        if (options.Methods is [AuthenticationMethod.None])
        {
            if (options.Require != RequiredFactor.Any || options.MaxAge is not null || options.UpstreamToken.Kind == UpstreamTokenKind.Own)
                route.Error(string.Empty, "nobody is identified, so there is nothing to require of a sign-in and nobody for a token", "name a way to authenticate, or leave require, maxAge and upstreamToken out");
            return [new AnonymousPolicy(options.ForwardAuthorization ?? true)];
        }

        if (options.Methods.Contains(AuthenticationMethod.None))
        {
            route.Error(string.Empty, "none can't be combined with a way to authenticate", "write only none, or leave it out");
            return [];
        }

        if (route.Gateway.Identity is not { } identity)
        {
            route.Error(string.Empty, "the route asks who calls but no issuer is configured", "add an identity section with an issuer");
            return [];
        }

        AuthenticateRules.Check(options, identity, route);
        return Compile(options, identity, route);
    }

    private static IEnumerable<Policy> Compile(AuthenticateOptions options, IdentityOptions identity, RouteCompilation route)
    {
        // Tokens first, certificates last, whatever the order in the file: the file says which count, the request which does.
        var state = route.State;
        AuthenticationMethod[] ways = [.. options.Methods.Distinct().Order()];
        var methods = ways.Select(way => Create(way, ways, identity, route)).ToList();
        var pages = ways.Contains(AuthenticationMethod.Session) ? state.Identity.SignIn : null;
        yield return new AuthenticatePolicy(methods, AuthenticateRules.Forwards(options), pages);
        if (options.Require != RequiredFactor.Any || options.MaxAge is not null)
            yield return new StepUpPolicy(options.Require == RequiredFactor.Mfa, options.MaxAge, pages, state.Clock);
        if (AuthenticateRules.GivesTokens(options))
        {
            var audience = options.UpstreamToken.Audience ?? route.Route.Cluster ?? route.Name;
            var issuer = new AccessTokenIssuer(state.Keys, identity, state.Clock);
            yield return new UpstreamTokenPolicy(state.UpstreamTokens, issuer, audience, options.UpstreamToken.Lifetime, options.UpstreamToken.Kind == UpstreamTokenKind.Own);
        }
    }

    private static CredentialMethod Create(AuthenticationMethod way, AuthenticationMethod[] ways, IdentityOptions identity, RouteCompilation route)
    {
        var state = route.State;
        return way switch
        {
            AuthenticationMethod.Token => new TokenMethod(state.Tokens, TrustedIssuers.From(identity), leavesApiKeys: ways.Contains(AuthenticationMethod.ApiKey)),
            AuthenticationMethod.Session => new SessionMethod(state.Identity.SignIn, state.Identity.People, state.SessionCallers, state.Revocations, new RequestOrigin(CredentialedOrigins(route))),
            AuthenticationMethod.ApiKey => new ApiKeyMethod(state.Identity.ApiKeys, state.Clock, ownsAuthorization: !ways.Contains(AuthenticationMethod.Token)),
            _ => new CertificateMethod(new CertificateCallers(identity.Certificates), state.Clock),
        };
    }

    /// <summary>Origins whose pages the route's cors lets act with the person's credentials: named ones, never all or none.</summary>
    private static OriginSet? CredentialedOrigins(RouteCompilation route)
    {
        if (route.Route.Policies.Find<CorsOptions>("cors") is not { Credentials: true } cors) return null;
        var patterns = new List<OriginPattern>();
        foreach (var text in cors.Origins)
        {
            if (OriginPattern.TryParse(text, out var pattern, out _)) patterns.Add(pattern);
        }

        return new OriginSet(patterns, allowsAny: false, allowsOpaque: false);
    }
}
