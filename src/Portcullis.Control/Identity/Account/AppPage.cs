using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Control.Identity.Account.Views;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary><c>/account/mfa/app</c>: sets up an app that shows codes, or another in its place.</summary>
internal sealed class AppPage(AccountContext account) : SignedInPage(account, AccountPaths.App)
{
    protected override bool NeedsFresh => true;

    protected override ValueTask<Verdict> ShowAsync(Visit visit, Session session, Person person) => visit.PageAsync(Create(visit, session, person, null));

    protected override async ValueTask<Verdict> ChangeAsync(Visit visit, Session session, Person person)
    {
        if (await AppEnrolment.ConfirmAsync(visit, session.Sid, person) is { } problem)
            return await visit.RefuseAsync(RefusalCode.FormRefused, "first one-time code", Create(visit, session, person, problem));
        if (!await FactorChanges.AddedAsync(visit, session, AuthenticationMethods.OneTimeCode, AuthenticationMethods.MultiFactor)) return await visit.SignInFirstAsync(AccountPaths.Factors);

        // The first factor brings its recovery codes along.
        if (await visit.Services.Factors.CountRecoveryCodesAsync(person.Id, visit.Aborted) > 0) return await visit.RedirectAsync(AccountPaths.Factors);
        var codes = await AppEnrolment.RenewRecoveryCodesAsync(visit, person.Id);
        return await visit.PageAsync(new Page("Recovery codes", RecoveryCodesView.Create(codes, "Your app is set up.", AccountPaths.Factors)) { SignedInAs = person.Name, Place = AccountPaths.Factors });
    }

    private static Page Create(Visit visit, Session session, Person person, string? problem)
        => new("Set up an app", AppEnrolment.Show(visit, session.Sid, person, AccountPaths.App, Html.Empty, problem)) { SignedInAs = person.Name, Place = AccountPaths.Factors };
}
