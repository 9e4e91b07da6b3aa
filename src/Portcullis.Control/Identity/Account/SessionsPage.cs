using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Control.Identity.Account.Views;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary><c>/account/sessions</c>: where somebody is signed in.</summary>
internal sealed class SessionsPage(AccountContext account) : SignedInPage(account, AccountPaths.Sessions)
{
    protected override async ValueTask<Verdict> ShowAsync(Visit visit, Session session, Person person)
    {
        var sessions = await visit.Services.Sessions.ListAsync(person.Id, visit.Aborted);
        return await visit.PageAsync(new Page("Sessions", Html.Of(
            $"""
            <p>These browsers are signed in. End what you don't know, and <a href="{AccountPaths.Password}">change your password</a>.</p>
            <ul class="cards">
            {Html.Join(sessions.Reverse().Select(one => Card(one, isThis: one.Sid == session.Sid)))}
            </ul>
            {Html.If(sessions.Count > 1, Html.Of(
                $"""
                <form method="post" action="{AccountPaths.EndSessions}">
                <input type="hidden" name="all" value="others">
                <button class="danger">End all others</button>
                </form>
                """))}
            """))
        { SignedInAs = person.Name, Place = AccountPaths.Sessions });
    }

    private static Html Card(Session one, bool isThis) => Html.Of(
        $"""
        <li>
        <div>
        <h2>{one.Device}{Html.If(isThis, Html.Of($""" <span class="tag">this one</span>"""))}</h2>
        <p>From <bdi>{one.Address}</bdi>, since {one.Created}, last used {one.LastSeen}</p>
        </div>
        {Html.If(!isThis, Html.Of(
            $"""
            <form method="post" action="{AccountPaths.EndSessions}">
            <input type="hidden" name="session" value="{one.Id.ToString()}">
            <button class="quiet" aria-label="End the session of {one.Device} from {one.Address}">End</button>
            </form>
            """))}
        </li>
        """);
}
