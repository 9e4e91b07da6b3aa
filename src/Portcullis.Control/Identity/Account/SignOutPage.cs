using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Control.Identity.Account.Views;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary><c>/account/sign-out</c>: ends this browser's session. A link alone does not: any site could have one followed.</summary>
internal sealed class SignOutPage(AccountContext account) : AccountPage(account)
{
    protected override ValueTask<Verdict> GetAsync(Visit visit) => visit.Session is null
        ? visit.RedirectAsync(AccountPaths.SignIn)
        : visit.PageAsync(new Page("Sign out", Html.Of(
            $"""
            <p>You are signed in in this browser.</p>
            <form method="post" action="{AccountPaths.SignOut}"><button>Sign out</button></form>
            <p class="aside"><a href="{AccountPaths.Overview}">Stay signed in</a></p>
            """)));

    protected override async ValueTask<Verdict> PostAsync(Visit visit)
    {
        if (visit.Session is { } session && await visit.Services.Sessions.EndOwnAsync(session.Subject, session.Id, visit.Aborted) is { } ended)
        {
            visit.Raise(SecurityEventKind.SignedOut, session.Subject);
            await visit.Services.Standing.EndTokensAsync(session.Subject, [ended], visit.Aborted);
        }

        visit.SetCookie(SessionCookie.Name, string.Empty, SessionCookie.Expired);
        visit.SetCookie(PendingSignIn.CookieName, string.Empty, PendingSignIn.Expired);
        return await visit.PageAsync(new Page("Signed out", Html.Of(
            $"""
            <p>You are signed out in this browser.</p>
            <p><a class="button" href="{AccountPaths.SignIn}">Sign in again</a></p>
            """)));
    }
}
