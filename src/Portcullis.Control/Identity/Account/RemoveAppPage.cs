using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary><c>POST /account/mfa/app/remove</c>.</summary>
internal sealed class RemoveAppPage(AccountContext account) : SignedInPage(account, AccountPaths.Factors)
{
    protected override bool NeedsFresh => true;

    protected override async ValueTask<Verdict> ChangeAsync(Visit visit, Session session, Person person)
    {
        var removal = await visit.Services.Factors.TryRemoveTotpAsync(person.Id, visit.Services.FactorRule.Roles, visit.Aborted);
        if (removal == FactorRemoval.LastOne)
            return await visit.RefuseAsync(RefusalCode.FormRefused, "the last factor of who needs one", await FactorsPage.CreateAsync(visit, person, FactorsPage.LastOne));
        if (removal == FactorRemoval.Removed && !await FactorChanges.RemovedAsync(visit, session, person)) return await visit.SignInFirstAsync(AccountPaths.Factors);
        return await visit.RedirectAsync(AccountPaths.Factors);
    }
}
