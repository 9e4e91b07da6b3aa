using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Scheduling;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity;

/// <summary><c>/oauth/userinfo</c> (OpenID Connect Core §5.3): tells a client about the person whose access token it has, as far as its scope goes.</summary>
internal sealed class UserInfoEndpoint(OwnTokens tokens, IPeople people) : ITerminal
{
    private const string Scheme = "Bearer ";

    public async ValueTask<Verdict> InvokeAsync(Exchange exchange)
    {
        if (OAuthParameters.AreInTheClear(exchange)) return Verdict.Refuse(RefusalCode.TlsRequired, "credentials over plain HTTP");

        // RFC 6750 §2.1 alone: a token in a form or in the query ends up in logs.
        OAuthReply.ForbidStoring(exchange);
        var fields = exchange.RequestHeaders.Authorization;
        if (fields.Count == 0) return Challenge(exchange, RefusalCode.AuthenticationRequired, "Bearer", null);
        if (fields.Count > 1 || !fields[0]!.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return Challenge(exchange, RefusalCode.TokenInvalid, "Bearer error=\"invalid_request\"", "not one bearer token");

        await PoolTurn.TakeAsync();
        if (await tokens.ReadAsync(fields[0]![Scheme.Length..], exchange.Aborted) is not { } claims) return Challenge(exchange, RefusalCode.TokenInvalid, "Bearer error=\"invalid_token\"", "token does not count");
        if (TokenBinding.Of(claims) is { } binding && !binding.Matches(exchange.Certificate is { } shown ? shown.Thumbprint : default))
            return Challenge(exchange, RefusalCode.TokenInvalid, "Bearer error=\"invalid_token\"", "bound to another certificate");

        // RFC 6750 §3.1. A client's own token comes from no grant: its id may not be taken for a person's (RFC 9700 §4.15).
        var scope = Scopes.Split(claims.Scope ?? string.Empty);
        if (!scope.Contains(Scopes.OpenId) || claims.FindString("grant_id"u8) is null) return Challenge(exchange, RefusalCode.PermissionDenied, "Bearer error=\"insufficient_scope\", scope=\"openid\"", "token without openid");
        if (await people.FindAsync(claims.Subject!, exchange.Aborted) is not { } person) return Challenge(exchange, RefusalCode.TokenInvalid, "Bearer error=\"invalid_token\"", "the person is unknown or disabled");

        exchange.Caller = new Caller(person.Subject, claims.ClientId!, claims.Permissions);
        return await OAuthReply.RespondAsync(exchange, 200, writer =>
        {
            writer.WriteString("sub"u8, person.Subject);
            if (scope.Contains(Scopes.Profile))
            {
                if (person.Name is { } name) writer.WriteString("name"u8, name);
                if (person.UserName is { } userName) writer.WriteString("preferred_username"u8, userName);
            }

            if (scope.Contains(Scopes.Email) && person.Email is { } email)
            {
                writer.WriteString("email"u8, email);
                writer.WriteBoolean("email_verified"u8, person.IsEmailVerified);
            }
        });
    }

    private static Verdict Challenge(Exchange exchange, RefusalCode code, string challenge, string? cause)
    {
        exchange.AddResponseField("WWW-Authenticate", challenge);
        return Verdict.Refuse(code, cause);
    }
}
