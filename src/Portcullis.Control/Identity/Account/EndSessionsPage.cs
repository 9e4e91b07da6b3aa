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
        IReadOnlyList<EndedSession> ended = [];
        if (visit.Form["all"] == "others") ended = await sessions.EndAllAsync(person.Id, session.Id, visit.Aborted);
        else if (SessionId.TryParse(visit.Form["session"], out var id) && await sessions.EndOwnAsync(person.Id, id, visit.Aborted) is { } one) ended = [one];
        if (ended.Count > 0) visit.Raise(SecurityEventKind.SessionEnded, person.Id);
        await visit.Services.Standing.EndTokensAsync(person.Id, ended, visit.Aborted);
        return await visit.RedirectAsync(AccountPaths.Sessions);
    }
}
