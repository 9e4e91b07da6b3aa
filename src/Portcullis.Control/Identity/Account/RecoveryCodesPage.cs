using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Control.Identity.Account.Views;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary><c>/account/recovery-codes</c>: how many are left, and a new set.</summary>
internal sealed class RecoveryCodesPage(AccountContext account) : SignedInPage(account, AccountPaths.RecoveryCodes)
{
    private const string Title = "Recovery codes";

    protected override async ValueTask<Verdict> ShowAsync(Visit visit, Session session, Person person)
    {
        var left = await visit.Services.Factors.CountRecoveryCodesAsync(person.Id, visit.Aborted);
        return await visit.PageAsync(Frame(person, person.HasSecondFactor
            ? Html.Of(
                $"""
                <p>A recovery code lets you in once when you have lost your second factor. You have <strong>{left} left</strong>.</p>
                <form method="post" action="{AccountPaths.RecoveryCodes}">
                <p class="hint">New ones take the place of all that you have.</p>
                <button>Make new recovery codes</button>
                </form>
                """)
            : Html.Of($"""<p>Recovery codes stand in for a second factor, and you have none. <a href="{AccountPaths.Factors}">Set one up</a>; the codes come with it.</p>""")));
    }

    protected override async ValueTask<Verdict> ChangeAsync(Visit visit, Session session, Person person)
    {
        if (!IsFresh(visit, session, person)) return await visit.SignInFirstAsync(AccountPaths.RecoveryCodes, Gateway.Identity.People.SignInWish.Fresh);
        if (!person.HasSecondFactor) return await visit.RedirectAsync(AccountPaths.RecoveryCodes);
        var codes = await AppEnrolment.RenewRecoveryCodesAsync(visit, person.Id);
        return await visit.PageAsync(Frame(person, RecoveryCodesView.Create(codes, "Your former recovery codes count no longer.", AccountPaths.RecoveryCodes)));
    }

    private static Page Frame(Person person, Html body) => new(Title, body) { SignedInAs = person.Name, Place = AccountPaths.RecoveryCodes };
}
