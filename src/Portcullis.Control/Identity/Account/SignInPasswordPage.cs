using Portcullis.Control.Identity.Account.Views;
using Portcullis.Control.Identity.People;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Pipeline;
using Portcullis.Trust.Passwords;

namespace Portcullis.Control.Identity.Account;

/// <summary>
/// <c>/account/sign-in/password</c>: who signed in with a password that an operator set puts one of their own in its place before there is a session. The sign-in that waits
/// has proved the present one, so it is not asked for again.
/// </summary>
internal sealed class SignInPasswordPage(AccountContext account) : AccountPage(account)
{
    private const string Busy = "There is too much to do at the moment. Try again in a few seconds.";

    protected override async ValueTask<Verdict> GetAsync(Visit visit)
        => await FindAsync(visit) is (_, { } person) ? await visit.PageAsync(Create(visit, person, null)) : await visit.SignInFirstAsync(visit.ReturnTo, visit.Wish);

    protected override async ValueTask<Verdict> PostAsync(Visit visit)
    {
        if (await FindAsync(visit) is not ({ } pending, { } person)) return await SignInSteps.StartAgainAsync(visit);

        // 1. The new password: typed twice alike, by the rules, and not the one that was handed out.
        var services = visit.Services;
        if (visit.Form["new"] != visit.Form["again"]) return await RefuseAsync(visit, person, "typed differently", "You typed two different new passwords.");
        var words = new[] { person.Name, person.DisplayName ?? person.Name };
        if (Account.PasswordRules.Judge(visit.Form["new"], words, out var password) is { } refusal) return await RefuseAsync(visit, person, $"new password: {refusal.Fault}", refusal.Text);
        var check = await services.Hasher.VerifyAsync(password, person.PasswordHash, visit.Aborted);
        if (check is PasswordCheck.Right or PasswordCheck.RightButStale) return await RefuseAsync(visit, person, "the temporary password again", "That is the password that you were given. Choose another one.");
        if (check == PasswordCheck.Busy || await services.Hasher.HashAsync(password!, visit.Aborted) is not { } hash)
            return await visit.RefuseAsync(RefusalCode.Overloaded, "too many passwords to hash", Create(visit, person, Busy), TimeSpan.FromSeconds(5));

        // 2. In the place of the very one that was proved: of two at once one counts, and another that an operator has set meanwhile stays.
        if (!await services.People.TrySetPasswordAsync(person.Id, person.PasswordHash, hash, temporaryUntil: null, visit.Aborted)) return await SignInSteps.StartAgainAsync(visit);
        visit.Raise(SecurityEventKind.PasswordChanged, person.Id);

        // 3. The session, by the sign-in as it began: it does not come to one where all were ended since. Then whatever else there was ends.
        if (!await SignInSteps.CompleteAsync(visit, person, pending)) return await SignInSteps.StartAgainAsync(visit);
        await services.Standing.EndAsync(person.Id, StandingEnd.PasswordChanged, visit.Session!.Id, visit.Aborted);
        return await SignInSteps.GoOnAsync(visit);
    }

    // A password that was set after the sign-in began is not the one that it proved.
    private static async Task<(PendingSignIn Pending, Person Person)?> FindAsync(Visit visit)
        => await SignInCodePage.FindAsync(visit) is ({ } pending, { PasswordHash: not null } person) found
            && (person.PasswordChanged is not { } changed || changed <= pending.Began)
            && await SignInSteps.NextAsync(visit, person, pending) == AccountPaths.SignInPassword
            ? found
            : null;

    private static ValueTask<Verdict> RefuseAsync(Visit visit, Person person, string cause, string problem) => visit.RefuseAsync(RefusalCode.FormRefused, cause, Create(visit, person, problem));

    private static Page Create(Visit visit, Person person, string? problem) => new("Choose your password", NewPasswordView.Create(visit, person, problem));
}
