using Portcullis.Control.Identity.Account.Views;
using Portcullis.Control.Identity.People;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;
using Person = Portcullis.Control.Identity.People.Person;

namespace Portcullis.Control.Identity.Account;

/// <summary><c>/account/sign-in</c>: name and password, or a passkey.</summary>
internal sealed class SignInPage(AccountContext account) : AccountPage(account)
{
    private static readonly TimeSpan BusyFor = TimeSpan.FromSeconds(5);

    /// <summary>The page once more, with what went wrong: one text for all that a guesser could tell apart.</summary>
    public static async ValueTask<Verdict> RefuseAsync(Visit visit, RefusalCode code, string cause, string name, string problem, TimeSpan? retryAfter = null)
        => await visit.RefuseAsync(code, cause, await CreateAsync(visit, name, problem), retryAfter);

    protected override async ValueTask<Verdict> GetAsync(Visit visit)
    {
        var isDone = visit.Session is { } session && visit.Wish switch
        {
            SignInWish.None => true,
            SignInWish.SecondFactor => session.Methods.Contains(AuthenticationMethods.MultiFactor),
            _ => false,
        };
        return isDone && await FindAsync(visit) is not null ? await visit.RedirectAsync(visit.ReturnTo) : await visit.PageAsync(await CreateAsync(visit, string.Empty, null));
    }

    protected override async ValueTask<Verdict> PostAsync(Visit visit)
    {
        var services = visit.Services;
        var (name, began) = (visit.Form["name"], visit.Now);
        var result = await services.Passwords.TryAsync(name, visit.Form["password"], visit.Exchange.ClientAddress, visit.Cookie(KnownDevices.CookieName), visit.Aborted);
        switch (result.Outcome)
        {
            case SignInOutcome.Accepted or SignInOutcome.SecondFactorNeeded:
                return await SignInSteps.ContinueAsync(visit, result.Person!, new PendingSignIn
                {
                    Subject = result.Person!.Id,
                    Began = began,
                    Address = visit.Exchange.ClientAddress,
                    Device = result.Device,
                    Methods = [AuthenticationMethods.Password],
                    Wish = visit.Wish,
                });

            case SignInOutcome.Expired:
                visit.Raise(SecurityEventKind.SignInFailed);
                return await RefuseAsync(visit, RefusalCode.SignInRefused, "the temporary password is too old", name, "That password was for your first sign-in, and its time is over. Ask whoever gave it to you for another one.");

            case SignInOutcome.Throttled:
                visit.Raise(SecurityEventKind.SignInThrottled);
                return await RefuseAsync(visit, RefusalCode.LimitExceeded, "too many sign-ins", name, SignInView.Wait(result.RetryAfter), result.RetryAfter);

            case SignInOutcome.Busy:
                return await RefuseAsync(visit, RefusalCode.Overloaded, "too many passwords to check", name, "There is too much to do at the moment. Try again in a few seconds.", BusyFor);

            default:
                // The name is not told to the log: people type their password into the wrong field.
                visit.Raise(SecurityEventKind.SignInFailed);
                return await RefuseAsync(visit, RefusalCode.SignInRefused, "name or password", name, SignInView.Refused);
        }
    }

    private static async Task<Page> CreateAsync(Visit visit, string name, string? problem)
    {
        // Who is signed in and is asked to prove it anew need not type their name.
        var person = visit.Wish == SignInWish.None ? null : await FindAsync(visit);
        if (name.Length == 0 && person is not null) name = person.Name;
        return SignInView.Create(visit, name, isConfirming: person is not null, problem, visit.Passkeys?.AskToUse(visit.Seal, string.Empty, []));
    }

    private static async Task<Person?> FindAsync(Visit visit)
        => visit.Session is { } session && await visit.Services.People.FindByIdAsync(session.Subject, visit.Aborted) is { IsDisabled: false } person ? person : null;
}
