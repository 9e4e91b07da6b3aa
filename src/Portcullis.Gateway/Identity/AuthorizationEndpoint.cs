using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Scheduling;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity;

/// <summary>
/// <c>GET /oauth/authorize</c> (RFC 6749 §3.1): gives a client a code for the person who is signed in, or sends the browser to sign in first. Clients are
/// the operator's own, so no consent is asked for.
/// </summary>
internal sealed class AuthorizationEndpoint(IClientStore clients, IGrantStore grants, IPeople people, ISignIn signIn, IdentityOptions identity, TimeProvider clock) : ITerminal
{
    /// <summary>How long a code counts: RFC 6749 §4.1.2 allows ten minutes, a redirect takes seconds.</summary>
    public static readonly TimeSpan CodeLifetime = TimeSpan.FromSeconds(60);

    /// <summary>Who signed in so short a time ago has done what <c>prompt=login</c> or a small <c>max_age</c> asks for: the way back from the page takes a moment.</summary>
    public static readonly TimeSpan JustNow = TimeSpan.FromSeconds(60);

    private const int LongestState = 2048;

    public async ValueTask<Verdict> InvokeAsync(Exchange exchange)
    {
        // 1. RFC 6749 §3.1, RFC 9700 §2.6: over TLS. What is answered here holds codes: it is not kept, framed or told to others by Referer (RFC 9700 §4.2.4, §4.16).
        if (OAuthParameters.AreInTheClear(exchange)) return Verdict.Refuse(RefusalCode.TlsRequired, "authorization over plain HTTP");
        OAuthReply.ForbidStoring(exchange);
        exchange.AddResponseField("Referrer-Policy", "no-referrer");
        exchange.AddResponseField("X-Frame-Options", "DENY");
        if (!OAuthParameters.TryReadQuery(exchange, out var parameters, out var malformed)) return Refuse(malformed.Description);

        await PoolTurn.TakeAsync();

        // 2. Client and redirect. Until both are known to be good nobody is redirected anywhere (§4.1.2.1; RFC 9700 §4.11).
        if (parameters["client_id"] is not { } id || await clients.FindAsync(id, exchange.Aborted) is not { IsDisabled: false } client) return Refuse("unknown or disabled client");
        if (!client.Grants.Contains(GrantNames.AuthorizationCode)) return Refuse("client is not registered for authorization_code");
        if (parameters["redirect_uri"] is not { } redirect || !client.RedirectUris.Contains(redirect)) return Refuse("redirect_uri is not registered, octet by octet");

        // 3. From here on errors go to the client, with its state.
        var state = parameters["state"];
        if (state is { Length: > LongestState }) return await ReturnAsync(exchange, redirect, null, OAuthError.InvalidRequest("state is too long"));
        var (request, error) = AuthorizationRequest.Read(parameters, client);
        if (request is null) return await ReturnAsync(exchange, redirect, state, error!);

        // 4. Who is signed in, and whether that is fresh enough.
        var signedIn = await signIn.FindAsync(exchange);
        var lacksFactors = request.WantsSeveralFactors && !(signedIn?.Authentication).HasSeveralFactors();
        if (signedIn is null || lacksFactors || !IsFresh(request, signedIn))
            return await AskToSignInAsync(lacksFactors ? SignInWish.SecondFactor : signedIn is null ? SignInWish.None : SignInWish.Fresh);

        if (await people.FindAsync(signedIn.Subject, exchange.Aborted) is null) return await ReturnAsync(exchange, redirect, state, new OAuthError("access_denied", "the person is disabled"));

        // 5. The code, bound to all of it.
        var code = OpaqueToken.Create(TokenPrefixes.Code);
        var now = clock.GetUtcNow();
        var isAdded = await grants.AddCodeAsync(
            new AuthorizationCode
            {
                Hash = code.Hash,
                Grant = new Grant
                {
                    Id = NewGrantId(),
                    ClientId = client.Id,
                    Subject = signedIn.Subject,
                    Scope = request.Scope,
                    Authentication = signedIn.Authentication,
                    SessionId = request.Scope.Contains(Scopes.OfflineAccess) ? null : signedIn.SessionId,
                    ExpiresAt = now + identity.RefreshToken.Lifetime,
                },
                BegunIn = signedIn.SessionId,
                RedirectUri = redirect,
                Challenge = request.Challenge,
                Nonce = request.Nonce,
                ExpiresAt = now + CodeLifetime,
            },
            exchange.Aborted);
        if (!isAdded) return await AskToSignInAsync(SignInWish.None);
        exchange.Caller = new Caller(signedIn.Subject, client.Id, []);
        return await ReturnAsync(exchange, redirect, state, ("code", code.Text.Reveal()));

        ValueTask<Verdict> AskToSignInAsync(SignInWish wish) => request.IsSilent
            ? ReturnAsync(exchange, redirect, state, new OAuthError("login_required", "nobody is signed in, or not recently or strongly enough"))
            : RedirectAsync(exchange, signIn.PageFor(exchange.Target.Value, wish));
    }

    private bool IsFresh(AuthorizationRequest request, SignedInPerson signedIn)
    {
        // auth_time is told to the client, which can hold it against max_age itself (Core §3.1.3.7).
        var age = clock.GetUtcNow() - signedIn.Authentication.At;
        return age <= JustNow || (!request.WantsSignIn && (request.MaximumAge is not { } maximum || age <= maximum));
    }

    private ValueTask<Verdict> ReturnAsync(Exchange exchange, string redirect, string? state, OAuthError error)
    {
        exchange.Fail(RefusalCode.RequestMalformed, error.Description);
        return ReturnAsync(exchange, redirect, state, ("error", error.Error), ("error_description", error.Description));
    }

    /// <summary>Back to the client: parameters added to the query that its redirect may have (§3.1.2), and who answers (RFC 9207 §2), against mix-up.</summary>
    private ValueTask<Verdict> ReturnAsync(Exchange exchange, string redirect, string? state, params ReadOnlySpan<(string Name, string Value)> answer)
    {
        var location = new StringBuilder(redirect).Append(redirect.Contains('?', StringComparison.Ordinal) ? '&' : '?');
        foreach (var (name, value) in answer) location.Append(name).Append('=').Append(Uri.EscapeDataString(value)).Append('&');
        if (state is not null) location.Append("state=").Append(Uri.EscapeDataString(state)).Append('&');
        location.Append("iss=").Append(Uri.EscapeDataString(identity.Issuer));
        return RedirectAsync(exchange, location.ToString());
    }

    /// <summary>303: the browser comes by GET, and takes no form along (RFC 9700 §4.12).</summary>
    private static ValueTask<Verdict> RedirectAsync(Exchange exchange, string location)
    {
        exchange.ResponseHeaders.Location = location;
        return exchange.RespondAsync(303, null, default);
    }

    private static Verdict Refuse(string cause) => Verdict.Refuse(RefusalCode.RequestMalformed, cause);

    private static string NewGrantId()
    {
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        return Base64Url.EncodeToString(random);
    }
}
