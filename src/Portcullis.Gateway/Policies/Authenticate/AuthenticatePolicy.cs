using Microsoft.Extensions.Primitives;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>
/// Identifies callers by the ways that the route takes. The credential that is presented decides; two at once are refused, since either might be the one that
/// was not meant, as a cookie that a browser adds to another's token.
/// </summary>
/// <param name="methods">The ways, at least one.</param>
/// <param name="forwardAuthorization">Whether the client's credentials go on to the upstream.</param>
/// <param name="pages">Where browsers are sent to sign in; null where the route takes no sessions.</param>
internal sealed class AuthenticatePolicy(IReadOnlyList<CredentialMethod> methods, bool forwardAuthorization, ISignIn? pages) : Policy
{
    private readonly CredentialMethod[] methods = [.. methods];
    private readonly StringValues challenges = new([.. methods.Select(method => method.Challenge)]);
    private readonly bool dropsApiKey = !forwardAuthorization && methods.Any(method => method.Method == AuthenticationMethod.ApiKey);

    public override Stage Stage => Stage.Authenticate;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange)
    {
        exchange.ForwardAuthorization = forwardAuthorization;
        exchange.DropsApiKey = dropsApiKey;
        CredentialMethod? presented = null;
        var needsBinding = false;
        foreach (var method in methods)
        {
            if (!method.IsPresented(exchange)) continue;
            if (presented is null)
            {
                presented = method;
                continue;
            }

            // A token that is bound to the certificate it comes with is one credential (RFC 8705 §3). Tokens are asked for first.
            if (presented.Method != AuthenticationMethod.Token || method.Method != AuthenticationMethod.Certificate) return new(Several());
            needsBinding = true;
        }

        if (presented is null) return NobodyAsync(exchange, null);
        var pending = presented.AuthenticateAsync(exchange);
        return pending.IsCompletedSuccessfully ? ConcludeAsync(exchange, presented, pending.Result, needsBinding) : FinishAsync(exchange, presented, pending, needsBinding);
    }

    private async ValueTask<Verdict> FinishAsync(Exchange exchange, CredentialMethod method, ValueTask<CredentialOutcome> pending, bool needsBinding)
        => await ConcludeAsync(exchange, method, await pending, needsBinding);

    private ValueTask<Verdict> ConcludeAsync(Exchange exchange, CredentialMethod method, in CredentialOutcome outcome, bool needsBinding)
    {
        if (outcome.Caller is { IsAnonymous: false } caller)
        {
            if (needsBinding && !caller.IsBoundToCertificate) return new(Several());
            exchange.Caller = caller;
            exchange.AuthenticatedBy = method.Method;
            return new(Verdict.Continue);
        }

        if (outcome.Code is not { } code) return NobodyAsync(exchange, outcome.Cause);
        if (outcome.Challenge is { } challenge) exchange.AddResponseField("WWW-Authenticate", challenge);
        return new(Verdict.Refuse(code, outcome.Cause));
    }

    private ValueTask<Verdict> NobodyAsync(Exchange exchange, string? cause)
    {
        if (pages is not null && SignInRedirect.IsDue(exchange))
            return SignInRedirect.SendAsync(exchange, pages, SignInWish.None, RefusalCode.AuthenticationRequired, cause ?? "sent to sign in");
        exchange.AddResponseField("WWW-Authenticate", challenges);
        return new(Verdict.Refuse(RefusalCode.AuthenticationRequired, cause));
    }

    /// <summary>RFC 6750 §3.1 calls it an invalid request.</summary>
    private static Verdict Several() => Verdict.Refuse(RefusalCode.RequestMalformed, "several credentials at once");
}
