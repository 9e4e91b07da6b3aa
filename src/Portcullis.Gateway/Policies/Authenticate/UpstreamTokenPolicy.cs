using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>Gives the upstream a token of the gateway's own in place of the client's credential (RFC 8693; for sessions the token handler pattern).</summary>
/// <param name="tokens">Keeps and signs tokens.</param>
/// <param name="issuer">Whose tokens.</param>
/// <param name="audience">For whom.</param>
/// <param name="lifetime">How long they count.</param>
/// <param name="forAll">Whether all callers get one, or those of sessions alone.</param>
internal sealed class UpstreamTokenPolicy(UpstreamTokens tokens, AccessTokenIssuer issuer, string audience, TimeSpan lifetime, bool forAll) : Policy
{
    /// <summary>After everything that may refuse: nothing is signed for who is not let through.</summary>
    public override Stage Stage => Stage.Shape;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange)
    {
        if (exchange.Caller is not { IsAnonymous: false } caller || (!forAll && exchange.AuthenticatedBy != AuthenticationMethod.Session)) return new(Verdict.Continue);
        exchange.ForwardAuthorization = false;
        var pending = tokens.GetAsync(caller, issuer, audience, lifetime);
        return pending.IsCompletedSuccessfully ? new(Give(exchange, pending.Result)) : FinishAsync(exchange, pending);
    }

    private static async ValueTask<Verdict> FinishAsync(Exchange exchange, ValueTask<string?> pending) => Give(exchange, await pending);

    private static Verdict Give(Exchange exchange, string? field)
    {
        if (field is null) return Verdict.Refuse(RefusalCode.TokenExpired, "the credential ends now");
        exchange.UpstreamAuthorization = field;
        return Verdict.Continue;
    }
}
