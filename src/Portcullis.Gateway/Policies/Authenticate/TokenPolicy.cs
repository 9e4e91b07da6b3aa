using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary><c>authenticate: token</c>: a bearer token in the Authorization field (RFC 6750 §2.1); nowhere else is looked for one.</summary>
internal sealed class TokenPolicy(TokenAuthenticator authenticator, TrustedIssuers issuers, bool forwardAuthorization) : Policy
{
    private const string Scheme = "Bearer ";

    public override Stage Stage => Stage.Authenticate;

    public override ValueTask<Verdict> OnRequestAsync(Exchange exchange)
    {
        exchange.ForwardAuthorization = forwardAuthorization;
        var fields = exchange.RequestHeaders.Authorization;
        if (fields.Count == 0) return new(Challenge(exchange, RefusalCode.AuthenticationRequired, "Bearer", null));
        if (fields.Count > 1) return new(Refuse(exchange, "several Authorization fields"));

        var field = fields[0]!;
        if (!field.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return new(Challenge(exchange, RefusalCode.AuthenticationRequired, "Bearer", "another authentication scheme"));

        var pending = authenticator.AuthenticateAsync(field.AsMemory(Scheme.Length), issuers, exchange);
        return pending.IsCompletedSuccessfully ? new(Conclude(exchange, pending.Result)) : FinishAsync(exchange, pending);
    }

    private static async ValueTask<Verdict> FinishAsync(Exchange exchange, ValueTask<TokenOutcome> pending) => Conclude(exchange, await pending);

    private static Verdict Conclude(Exchange exchange, in TokenOutcome outcome)
    {
        if (outcome.Caller is { } caller)
        {
            exchange.Caller = caller;
            return Verdict.Continue;
        }

        return outcome.IsExpired
            ? Challenge(exchange, RefusalCode.TokenExpired, "Bearer error=\"invalid_token\", error_description=\"The access token expired\"", outcome.Cause)
            : Refuse(exchange, outcome.Cause);
    }

    private static Verdict Refuse(Exchange exchange, string? cause) => Challenge(exchange, RefusalCode.TokenInvalid, "Bearer error=\"invalid_token\"", cause);

    /// <summary>RFC 6750 §3: no error code where no token was sent.</summary>
    private static Verdict Challenge(Exchange exchange, RefusalCode code, string challenge, string? cause)
    {
        exchange.AddResponseField("WWW-Authenticate", challenge);
        return Verdict.Refuse(code, cause);
    }
}
