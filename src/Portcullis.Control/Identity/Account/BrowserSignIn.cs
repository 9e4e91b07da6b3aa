using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;
using Portcullis.Trust.Tokens;

namespace Portcullis.Control.Identity.Account;

/// <summary>Tells the data plane who is signed in in a browser, by the session cookie alone.</summary>
/// <param name="sessions">The sessions, once their store is open.</param>
public sealed class BrowserSignIn(Func<Task<SessionRegistry>> sessions) : ISignIn
{
    /// <inheritdoc/>
    public ValueTask<SignedInPerson?> FindAsync(Exchange exchange)
    {
        // Who sends no cookie of the form is nobody, and costs nothing.
        var cookie = BrowserCookies.Find(exchange.RequestHeaders.Cookie, SessionCookie.Name);
        return cookie is null || !SessionCookie.TryRead(cookie, out _) ? default : FindAsync(cookie, exchange.Aborted);
    }

    /// <inheritdoc/>
    public string PageFor(string returnTo, SignInWish wish = SignInWish.None) => SignInQuery.PageFor(returnTo, wish);

    private async ValueTask<SignedInPerson?> FindAsync(string cookie, CancellationToken cancellationToken)
    {
        var registry = await sessions().WaitAsync(cancellationToken);
        return await registry.FindAsync(cookie, cancellationToken) is { } session
            ? new SignedInPerson(session.Subject, session.Sid, new AuthenticationEvent(session.AuthenticatedAt, session.Methods))
            : null;
    }
}
