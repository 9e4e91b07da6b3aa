using System.Security.Cryptography;
using System.Text;
using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Control.Identity.Account.Views;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;
using Person = Portcullis.Control.Identity.People.Person;

namespace Portcullis.Control.Identity.Account;

/// <summary>What comes after a factor was proved: the next step, or the session. The one place where a session begins.</summary>
internal static class SignInSteps
{
    // Names no client: ids of clients have no parentheses.
    private const string Completed = "(sign-in)";

    // A code was typed meanwhile: clients who ask for a fresh sign-in are told of the last step, not of the first.
    private static readonly TimeSpan LongStep = TimeSpan.FromSeconds(10);

    /// <summary>Goes on with a sign-in that has proved what <paramref name="pending"/> says.</summary>
    public static async ValueTask<Verdict> ContinueAsync(Visit visit, Person person, PendingSignIn pending)
    {
        // 1. What is missing.
        if (await NextAsync(visit, person, pending) is { } step)
        {
            Keep(visit, pending, step);
            return await visit.RedirectAsync(SignInQuery.Of(step, visit.ReturnTo, pending.Wish));
        }

        // 2. The session, and onward.
        return await CompleteAsync(visit, person, pending) ? await GoOnAsync(visit) : await StartAgainAsync(visit);
    }

    /// <summary>The page of the step that is still missing; null where nothing is, and a session may begin.</summary>
    public static async Task<string?> NextAsync(Visit visit, Person person, PendingSignIn pending)
    {
        // 1. Who has a second factor proves it. Who needs one and has none sets it up before there is a session at all.
        if (!pending.Methods.Contains(AuthenticationMethods.MultiFactor))
        {
            if (person.HasSecondFactor) return AccountPaths.SignInCode;
            if (pending.Wish == SignInWish.SecondFactor || await visit.Services.FactorRule.AppliesToAsync(person, visit.Aborted)) return AccountPaths.SignInEnrol;
        }

        // 2. A password that somebody else knows gives no session (OWASP ASVS 5, 6.4.1). After the factor, so that who has found it on a note sets no password of their own.
        return pending.Methods.Contains(AuthenticationMethods.Password) && person.PasswordTemporaryUntil is not null ? AccountPaths.SignInPassword : null;
    }

    /// <summary>Lets the sign-in wait for a step.</summary>
    public static void Keep(Visit visit, PendingSignIn pending, string step)
        => visit.SetCookie(PendingSignIn.CookieName, pending.Seal(visit.Seal, step == AccountPaths.SignInCode ? PendingSignIn.Life : PendingSignIn.EnrolmentLife), PendingSignIn.CookieAttributes);

    /// <summary>Begins the session, or renews the one whose person was to prove anew who they are. False where the sign-in no longer counts.</summary>
    public static async Task<bool> CompleteAsync(Visit visit, Person person, PendingSignIn pending)
    {
        // 1. Once: what is given back below must not be given back twice.
        var services = visit.Services;
        if (!await services.Answered.TryAddAsync(Completed, SHA256.HashData(Encoding.UTF8.GetBytes(pending.Id)), visit.Now + PendingSignIn.EnrolmentLife + TimeSpan.FromMinutes(1), visit.Aborted)) return false;

        // 2. A step-up keeps the session, under a new id; any other sign-in ends whatever session the browser had.
        StartedSession? started = null;
        var isStepUp = pending.Wish != SignInWish.None && visit.Session?.Subject == person.Id;
        if (isStepUp) started = await services.Sessions.StepUpAsync(visit.Session!, pending.Methods, visit.Aborted);
        if (started is null)
        {
            isStepUp = false;
            var device = DeviceLabel.Of(visit.Exchange.RequestHeaders.UserAgent.ToString());
            started = await services.Sessions.StartAsync(
                person.Id, pending.Began, pending.Methods, device, visit.Exchange.ClientAddress.ToString(), visit.Cookie(SessionCookie.Name), visit.Aborted);
            if (started is not null && visit.Now - pending.Began > LongStep) started = await services.Sessions.StepUpAsync(started.Session, [], visit.Aborted);
        }

        visit.SetCookie(PendingSignIn.CookieName, string.Empty, PendingSignIn.Expired);
        if (started is null) return false;

        // 3. The attempt no longer counts as failed, and the browser is a known one.
        if (pending.Methods.Contains(AuthenticationMethods.Password)) services.Throttle.Succeeded(services.Throttle.PermitOf(person.Name, pending.Address, pending.Device));
        visit.Keep(started);
        visit.SetCookie(KnownDevices.CookieName, services.Devices.Issue(person.Name), KnownDevices.CookieAttributes);
        visit.Exchange.Caller = new Caller(person.Id, string.Empty, []);
        visit.Raise(isStepUp ? SecurityEventKind.SteppedUp : SecurityEventKind.SignedIn, person.Id);
        return true;
    }

    /// <summary>To where the browser wanted to go.</summary>
    public static ValueTask<Verdict> GoOnAsync(Visit visit)
    {
        if (ReturnPath.IsOwn(visit.ReturnTo)) return visit.RedirectAsync(visit.ReturnTo);

        // What is there may lead on to another site, as the authorization endpoint does. Browsers hold a form's redirects against form-action (CSP level 3 §6.4.2), so
        // it goes on from a page, not from the form.
        var next = visit.ReturnTo;
        return visit.PageAsync(new Page("Signed in", Html.Of($"""<p>You are signed in.</p><p><a class="button" href="{next}">Continue</a></p>""")) { GoesOnTo = next });
    }

    /// <summary>The sign-in waited too long, or counts no longer.</summary>
    public static ValueTask<Verdict> StartAgainAsync(Visit visit)
    {
        visit.SetCookie(PendingSignIn.CookieName, string.Empty, PendingSignIn.Expired);
        return SignInPage.RefuseAsync(visit, RefusalCode.SignInRefused, "the sign-in is too old, was completed before, or its person's sessions were ended meanwhile", string.Empty, "This took too long, or your account was changed meanwhile. Sign in again.");
    }
}
