using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary><c>POST /account/passkeys/remove</c>.</summary>
internal sealed class RemovePasskeyPage(AccountContext account) : SignedInPage(account, AccountPaths.Passkeys)
{
    protected override bool NeedsFresh => true;

    protected override async ValueTask<Verdict> ChangeAsync(Visit visit, Session session, Person person)
    {
        var removal = FormOctets.Read(visit.Form["id"], AuthenticatorLimits.CredentialId) is { } id
            ? await visit.Services.Passkeys.TryRemoveAsync(person.Id, id, visit.Services.FactorRule.Roles, visit.Aborted)
            : FactorRemoval.None;
        if (removal == FactorRemoval.LastOne)
            return await visit.RefuseAsync(RefusalCode.FormRefused, "the last factor of who needs one", await PasskeysPage.CreateAsync(visit, session, person, FactorsPage.LastOne));
        if (removal == FactorRemoval.Removed && !await FactorChanges.RemovedAsync(visit, session, person)) return await visit.SignInFirstAsync(AccountPaths.Passkeys);
        return await visit.RedirectAsync(AccountPaths.Passkeys);
    }
}
