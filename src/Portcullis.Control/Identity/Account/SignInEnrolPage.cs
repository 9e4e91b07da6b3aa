using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Control.Identity.Account.Views;
using Portcullis.Control.Identity.People;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary><c>/account/sign-in/enrol</c>: who needs a second factor and has none sets one up before there is a session.</summary>
internal sealed class SignInEnrolPage(AccountContext account) : AccountPage(account)
{
    protected override async ValueTask<Verdict> GetAsync(Visit visit)
        => await SignInCodePage.FindAsync(visit) is ({ } pending, { HasSecondFactor: false } person) ? await visit.PageAsync(Create(visit, pending, person, null)) : await visit.SignInFirstAsync(visit.ReturnTo, visit.Wish);

    protected override async ValueTask<Verdict> PostAsync(Visit visit)
    {
        // Who has a factor by now proves that one: a password alone may not put another in its place.
        if (await SignInCodePage.FindAsync(visit) is not ({ } pending, { HasSecondFactor: false } person)) return await SignInSteps.StartAgainAsync(visit);
        if (await AppEnrolment.ConfirmAsync(visit, pending.Id, person) is { } problem)
            return await visit.RefuseAsync(RefusalCode.FormRefused, "first one-time code", Create(visit, pending, person, problem));

        var codes = await AppEnrolment.RenewRecoveryCodesAsync(visit, person.Id);
        var proved = pending with { Methods = [.. pending.Methods, AuthenticationMethods.OneTimeCode, AuthenticationMethods.MultiFactor] };
        if (await SignInSteps.NextAsync(visit, person, proved) is { } step)
        {
            // The codes are shown only now; what is missing comes behind them.
            SignInSteps.Keep(visit, proved, step);
            return await visit.PageAsync(new Page("Recovery codes", RecoveryCodesView.Create(codes, "Your app is set up.", SignInQuery.Of(step, visit.ReturnTo, proved.Wish))));
        }

        if (!await SignInSteps.CompleteAsync(visit, person, proved)) return await SignInSteps.StartAgainAsync(visit);
        return await visit.PageAsync(new Page("Recovery codes", RecoveryCodesView.Create(codes, "Your app is set up, and you are signed in.", visit.ReturnTo)) { SignedInAs = person.Name });
    }

    private static Page Create(Visit visit, PendingSignIn pending, Person person, string? problem) => new("Set up a second factor", Html.Of(
        $"""
        <p>Before you go on, your account needs a second factor: a code from an app on your phone, beside your password.</p>
        {AppEnrolment.Show(visit, pending.Id, person, AccountPaths.SignInEnrol, Fields.Carried(visit.ReturnTo, visit.Wish), problem)}
        """));
}
