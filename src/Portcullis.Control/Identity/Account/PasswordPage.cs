using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Control.Identity.Account.Views;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary><c>/account/password</c>: a new password, for who knows the present one.</summary>
internal sealed class PasswordPage(AccountContext account) : SignedInPage(account, AccountPaths.Password)
{
    private const string WrongPresent = "Your present password is not right.";
    private const string Busy = "There is too much to do at the moment. Try again in a few seconds.";

    protected override ValueTask<Verdict> ShowAsync(Visit visit, Session session, Person person)
        => visit.PageAsync(Create(person, null, visit.Form.Contains("changed") ? "Your password is changed. Everywhere else you are signed out." : null));

    protected override async ValueTask<Verdict> ChangeAsync(Visit visit, Session session, Person person)
    {
        // 1. The new password, before an attempt at the present one is spent.
        var services = visit.Services;
        if (visit.Form["new"] != visit.Form["again"]) return await RefuseAsync(visit, person, "typed differently", "You typed two different new passwords.");
        var words = new[] { person.Name, person.DisplayName ?? person.Name };
        if (Account.PasswordRules.Judge(visit.Form["new"], words, out var password) is { } refusal) return await RefuseAsync(visit, person, $"new password: {refusal.Fault}", refusal.Text);

        // 2. The present one, under the limits of signing in: a browser that was left open is no place to guess at it.
        var result = await services.Passwords.TryAsync(person.Name, visit.Form["present"], visit.Exchange.ClientAddress, visit.Cookie(KnownDevices.CookieName), visit.Aborted);
        switch (result.Outcome)
        {
            case SignInOutcome.Throttled:
                visit.Raise(SecurityEventKind.SignInThrottled, person.Id);
                return await visit.RefuseAsync(RefusalCode.LimitExceeded, "too many passwords", Create(person, SignInView.Wait(result.RetryAfter), null), result.RetryAfter);
            case SignInOutcome.Busy:
                return await visit.RefuseAsync(RefusalCode.Overloaded, "too many passwords to check", Create(person, Busy, null), TimeSpan.FromSeconds(5));
            case SignInOutcome.Refused or SignInOutcome.Expired:
                visit.Raise(SecurityEventKind.SignInFailed, person.Id);
                return await RefuseAsync(visit, person, "present password", WrongPresent);
        }

        // 3. The change, where the present password is still the one that was checked.
        services.Passwords.Complete(result);
        if (await services.Hasher.HashAsync(password!, visit.Aborted) is not { } hash)
            return await visit.RefuseAsync(RefusalCode.Overloaded, "too many passwords to hash", Create(person, Busy, null), TimeSpan.FromSeconds(5));
        var checkedHash = await services.People.FindByIdAsync(person.Id, visit.Aborted) is { PasswordHash: { } stored } now && IsSame(stored, result.Person!, now) ? stored : null;
        if (checkedHash is null || !await services.People.TrySetPasswordAsync(person.Id, checkedHash, hash, temporaryUntil: null, visit.Aborted))
            return await RefuseAsync(visit, person, "changed meanwhile", "Your password was changed meanwhile. Try again with the new one.");
        visit.Raise(SecurityEventKind.PasswordChanged, person.Id);

        // 4. This session goes on under a new id; all others end, and all that clients got by them.
        var renewed = await services.Sessions.CredentialsChangedAsync(session, visit.Aborted);
        await services.Standing.EndAsync(person.Id, StandingEnd.PasswordChanged, renewed?.Session.Id, visit.Aborted);
        if (renewed is null) return await visit.SignInFirstAsync(AccountPaths.Password);
        visit.Keep(renewed);
        visit.SetCookie(KnownDevices.CookieName, services.Devices.Issue(person.Name), KnownDevices.CookieAttributes);
        return await visit.RedirectAsync(AccountPaths.Password + "?changed");
    }

    // The sign-in may have hashed the same password anew, at another cost; the time of the last change stays the same then.
    private static bool IsSame(string stored, Person judged, Person now) => stored == judged.PasswordHash || judged.PasswordChanged == now.PasswordChanged;

    private static ValueTask<Verdict> RefuseAsync(Visit visit, Person person, string cause, string problem) => visit.RefuseAsync(RefusalCode.FormRefused, cause, Create(person, problem, null));

    private static Page Create(Person person, string? problem, string? notice) => new("Password", Html.Of(
        $"""
        {Fields.Problem(problem)}
        {Fields.Notice(notice)}
        <form method="post" action="{AccountPaths.Password}">
        <input type="hidden" name="name" autocomplete="username" value="{person.Name}">
        <label for="present">Present password</label>
        <input id="present" name="present" type="password" autocomplete="current-password" maxlength="512" required>
        {NewPasswordView.NewPassword(isWrong: false, hasFocus: false)}
        <button>Change password</button>
        <p class="hint">Everywhere else you will be signed out.</p>
        </form>
        """))
    { SignedInAs = person.Name, Place = AccountPaths.Password };
}
