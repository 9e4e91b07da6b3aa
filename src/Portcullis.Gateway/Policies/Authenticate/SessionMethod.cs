using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Scheduling;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>The cookie of a person who signed in at the gateway. Nothing of it goes to the upstream, which gets a token instead (<see cref="UpstreamTokenPolicy"/>).</summary>
/// <param name="signIn">Knows sessions; null: there are none.</param>
/// <param name="people">Knows what people may do; null: nobody may anything.</param>
/// <param name="callers">Remembers callers.</param>
/// <param name="revocations">What has ended sessions and subjects before their time.</param>
/// <param name="origin">From which pages unsafe requests may come.</param>
internal sealed class SessionMethod(ISignIn? signIn, IPeople? people, SessionCallers callers, RevocationList revocations, RequestOrigin origin) : CredentialMethod
{
    public override AuthenticationMethod Method => AuthenticationMethod.Session;

    /// <summary>No registered scheme asks for a cookie; something must stand there (RFC 9110 §15.5.2), and clients pass over schemes that they don't know.</summary>
    public override string Challenge => "Cookie";

    public override bool IsPresented(Exchange exchange) => Cookies.Count(exchange.RequestHeaders.Cookie, OwnCookies.Session) > 0;

    public override ValueTask<CredentialOutcome> AuthenticateAsync(Exchange exchange)
    {
        // 1. One session, over TLS, for a request that a page of ours meant.
        if (Cookies.Count(exchange.RequestHeaders.Cookie, OwnCookies.Session) > 1) return new(CredentialOutcome.Refuse(RefusalCode.RequestMalformed, "several session cookies"));
        if (OAuthParameters.AreInTheClear(exchange)) return new(CredentialOutcome.Refuse(RefusalCode.TlsRequired, "a session over plain HTTP"));
        if (origin.Judge(exchange) is { } cause) return new(CredentialOutcome.Refuse(RefusalCode.OriginDenied, cause));
        return signIn is null || people is null ? new(CredentialOutcome.Absent("no sessions are kept here")) : FindAsync(signIn, people, exchange);
    }

    private async ValueTask<CredentialOutcome> FindAsync(ISignIn sessions, IPeople directory, Exchange exchange)
    {
        await PoolTurn.TakeAsync();

        // 2. Who is signed in, and still may be.
        if (await sessions.FindAsync(exchange) is not { } signedIn) return CredentialOutcome.Absent("no session of that cookie");
        await revocations.LoadAsync(exchange.Aborted);
        if (IsRevoked(signedIn)) return CredentialOutcome.Absent("the session has been ended");
        if (await directory.FindAsync(signedIn.Subject, exchange.Aborted) is not { } person) return CredentialOutcome.Absent("the person is unknown or disabled");

        // 3. What they may do now.
        return CredentialOutcome.Accept(callers.For(signedIn, person));
    }

    /// <summary>
    /// The end of a session counts here at once, whoever keeps what of it. What ends a subject's tokens does not end their sessions: the pages to sign in on would still know them, and
    /// send the browser back here for ever. Who is disabled is nobody by the directory.
    /// </summary>
    private bool IsRevoked(SignedInPerson signedIn) => revocations.Contains(new RevocationMarks(
        UInt128.Zero,
        UInt128.Zero,
        RevocationMarks.Mark(RevocationKind.Session, string.Empty, signedIn.SessionId),
        UInt128.Zero,
        UInt128.Zero,
        signedIn.Authentication.At.ToUnixTimeSeconds()));
}
