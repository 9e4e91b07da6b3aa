using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Control.Identity.Account.Views;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary><c>/account</c>: how one's account is secured, at a glance.</summary>
internal sealed class OverviewPage(AccountContext account) : SignedInPage(account, AccountPaths.Overview)
{
    protected override async ValueTask<Verdict> ShowAsync(Visit visit, Session session, Person person)
    {
        var services = visit.Services;
        var app = await services.Factors.FindTotpAsync(person.Id, visit.Aborted);
        var passkeys = await services.Passkeys.ListAsync(person.Id, visit.Aborted);
        var codes = await services.Factors.CountRecoveryCodesAsync(person.Id, visit.Aborted);
        var sessions = await services.Sessions.ListAsync(person.Id, visit.Aborted);
        var isWeak = app is null && passkeys.Count == 0;
        return await visit.PageAsync(new Page("Your account", Html.Of(
            $"""
            {Html.If(isWeak, Html.Of($"""<p class="warning">Your password alone protects this account. <a href="{AccountPaths.Factors}">Set up a second factor</a>.</p>"""))}
            {Html.If(!isWeak && codes < 3, Html.Of($"""<p class="warning">{Left(codes)} <a href="{AccountPaths.RecoveryCodes}">Make new ones</a>, so that you can get in when you lose your second factor.</p>"""))}
            <dl>
            {(person.DisplayName is { } shown ? Html.Of($"<dt>Name</dt><dd><bdi>{shown}</bdi></dd>") : Html.Empty)}
            <dt>Signs in as</dt><dd><bdi>{person.Name}</bdi></dd>
            <dt>Password</dt><dd>{(person.PasswordChanged is { } changed ? Html.Of($"set {changed}") : Html.Of($"none"))}</dd>
            <dt>App</dt><dd>{(app is null ? Html.Of($"none") : Html.Of($"set up {app.Enrolled}"))}</dd>
            <dt>Passkeys</dt><dd>{passkeys.Count}</dd>
            <dt>Recovery codes</dt><dd>{codes} left</dd>
            <dt>Sessions</dt><dd>{sessions.Count}</dd>
            <dt>This session</dt><dd>confirmed {session.AuthenticatedAt}</dd>
            </dl>
            """))
        { SignedInAs = person.Name, Place = AccountPaths.Overview });
    }

    private static string Left(int codes) => codes switch { 0 => "You have no recovery codes left.", 1 => "You have one recovery code left.", _ => "You have two recovery codes left." };
}
