using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>A bearer token in the Authorization field (RFC 6750 §2.1); nowhere else is looked for one.</summary>
/// <param name="authenticator">Judges tokens.</param>
/// <param name="issuers">Whose tokens count.</param>
/// <param name="leavesApiKeys">Whether the route takes API keys in the same field.</param>
internal sealed class TokenMethod(TokenAuthenticator authenticator, TrustedIssuers issuers, bool leavesApiKeys) : CredentialMethod
{
    private const string Scheme = "Bearer ";
    private const string Invalid = "Bearer error=\"invalid_token\"";
    private const string Expired = "Bearer error=\"invalid_token\", error_description=\"The access token expired\"";

    public override AuthenticationMethod Method => AuthenticationMethod.Token;

    /// <summary>RFC 6750 §3: no error code where no token was sent.</summary>
    public override string Challenge => "Bearer";

    public override bool IsPresented(Exchange exchange)
        => exchange.RequestHeaders.Authorization is { Count: > 0 } fields && !(leavesApiKeys && ApiKeyMethod.IsIn(fields));

    public override ValueTask<CredentialOutcome> AuthenticateAsync(Exchange exchange)
    {
        var fields = exchange.RequestHeaders.Authorization;
        if (fields.Count > 1) return new(CredentialOutcome.Refuse(RefusalCode.TokenInvalid, "several Authorization fields", Invalid));

        var field = fields[0]!;
        if (!field.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return new(CredentialOutcome.Absent("another authentication scheme"));

        var pending = authenticator.AuthenticateAsync(field.AsMemory(Scheme.Length), issuers, exchange);
        return pending.IsCompletedSuccessfully ? new(Conclude(pending.Result)) : FinishAsync(pending);
    }

    private static async ValueTask<CredentialOutcome> FinishAsync(ValueTask<TokenOutcome> pending) => Conclude(await pending);

    private static CredentialOutcome Conclude(in TokenOutcome outcome)
        => outcome.Caller is { } caller ? CredentialOutcome.Accept(caller)
            : outcome.IsExpired ? CredentialOutcome.Refuse(RefusalCode.TokenExpired, outcome.Cause, Expired)
            : CredentialOutcome.Refuse(RefusalCode.TokenInvalid, outcome.Cause, Invalid);
}
