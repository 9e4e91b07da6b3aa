using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary><c>POST /account/sessions/end</c>: ends one session of one's own, or all but this.</summary>
internal sealed class EndSessionsPage(AccountContext account) : SignedInPage(account, AccountPaths.Sessions)
{
    protected override async ValueTask<Verdict> ChangeAsync(Visit visit, Session session, Person person)
    {
        var sessions = visit.Services.Sessions;
        var isEnded = visit.Form["all"] == "others"
            ? (await sessions.EndAllAsync(person.Id, session.Id, visit.Aborted)).Count > 0
            : SessionId.TryParse(visit.Form["session"], out var id) && await sessions.EndOwnAsync(person.Id, id, visit.Aborted);
        if (isEnded) visit.Raise(SecurityEventKind.SessionEnded, person.Id);
        return await visit.RedirectAsync(AccountPaths.Sessions);
    }
}
