using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary><c>authenticate</c>: who calls. The one policy that every route must name.</summary>
internal sealed class AuthenticatePolicyKind : PolicyKind<AuthenticateOptions>
{
    public override string Name => "authenticate";

    public override string Description => "How callers are identified: token, or none to let everybody in. Every route must say.";

    protected override IEnumerable<Policy> Compile(AuthenticateOptions options, RouteCompilation route)
    {
        if (options.Methods is [])
        {
            route.Error(string.Empty, "no way to authenticate is named", "write authenticate: token, or authenticate: none to let everybody in");
            yield break;
        }

        if (options.Methods is [AuthenticationMethod.None])
        {
            yield return new AnonymousPolicy(options.ForwardAuthorization);
            yield break;
        }

        if (options.Methods.Contains(AuthenticationMethod.None))
        {
            route.Error(string.Empty, "none can't be combined with a way to authenticate", "write only none, or leave it out");
            yield break;
        }

        if (route.Gateway.Identity is not { } identity)
        {
            route.Error(string.Empty, "the route asks for a token but no issuer is configured", "add an identity section with an issuer");
            yield break;
        }

        yield return new TokenPolicy(route.State.Tokens, TrustedIssuers.From(identity), options.ForwardAuthorization);
    }
}
