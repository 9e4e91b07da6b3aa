using Portcullis.Control.Identity.Account.Views;
using Portcullis.Control.Identity.People;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Pipeline;
using Portcullis.Trust.OneTimeCodes;

namespace Portcullis.Control.Identity.Account;

/// <summary><c>/account/sign-in/code</c>: the second factor behind the password.</summary>
internal sealed class SignInCodePage(AccountContext account) : AccountPage(account)
{
    private const string Wrong = "That code is not right. Codes change every 30 seconds, and each counts once: wait for the next one.";
    private const string WrongRecovery = "That is none of your recovery codes, or it was used before.";

    /// <summary>The page once more, or where nothing is pending the first one.</summary>
    public static async ValueTask<Verdict> RefuseAsync(Visit visit, Person person, RefusalCode code, string cause, string problem, TimeSpan? retryAfter = null)
        => await visit.RefuseAsync(code, cause, await CreateAsync(visit, person, problem), retryAfter);

    /// <summary>The sign-in that waits, and whose it is; null where there is none any more.</summary>
    public static async Task<(PendingSignIn Pending, Person Person)?> FindAsync(Visit visit)
        => PendingSignIn.Open(visit.Seal, visit.Cookie(PendingSignIn.CookieName)) is { } pending && await visit.Services.People.FindByIdAsync(pending.Subject, visit.Aborted) is { IsDisabled: false } person
            ? (pending, person)
            : null;

    protected override async ValueTask<Verdict> GetAsync(Visit visit)
        => await FindAsync(visit) is (_, { HasSecondFactor: true } person) ? await visit.PageAsync(await CreateAsync(visit, person, null)) : await visit.SignInFirstAsync(visit.ReturnTo, visit.Wish);

    protected override async ValueTask<Verdict> PostAsync(Visit visit)
    {
        if (await FindAsync(visit) is not ({ } pending, { HasSecondFactor: true } person)) return await SignInSteps.StartAgainAsync(visit);

        // 1. An attempt, before anything is compared.
        var throttle = visit.Services.Throttle;
        var permit = throttle.BeginCode(person.Name, pending.Device);
        if (!permit.IsPermitted)
        {
            visit.Raise(SecurityEventKind.SignInThrottled, person.Id);
            return await RefuseAsync(visit, person, RefusalCode.LimitExceeded, "too many codes", SignInView.Wait(permit.RetryAfter), permit.RetryAfter);
        }

        // 2. The code. A recovery code with a typing mistake in it was no attempt at anything.
        var isRecovery = visit.Form.Contains("recovery");
        var outcome = isRecovery ? await SpendRecoveryCodeAsync(visit, person) : await SpendCodeAsync(visit, person);
        if (outcome is null) throttle.Return(permit);
        if (outcome is not true)
        {
            visit.Raise(SecurityEventKind.SignInFailed, person.Id);
            return await RefuseAsync(visit, person, RefusalCode.SignInRefused, isRecovery ? "recovery code" : "one-time code", isRecovery ? WrongRecovery : Wrong);
        }

        // 3. On.
        throttle.Succeeded(permit);
        string[] proved = isRecovery ? [AuthenticationMethods.MultiFactor] : [AuthenticationMethods.OneTimeCode, AuthenticationMethods.MultiFactor];
        return await SignInSteps.ContinueAsync(visit, person, pending with { Methods = [.. pending.Methods.Union(proved, StringComparer.Ordinal)] });
    }

    private static async Task<bool?> SpendCodeAsync(Visit visit, Person person)
    {
        var factors = visit.Services.Factors;
        if (await factors.FindTotpAsync(person.Id, visit.Aborted) is not { } enrolment) return false;
        var check = Totp.Verify(enrolment.Secret, visit.Form["code"], enrolment.LastStep, visit.Now);
        if (check.Outcome == TotpOutcome.Accepted && await factors.TrySpendTotpAsync(person.Id, check.Step, visit.Aborted)) return true;

        // Replayed, or another request had the same code a moment sooner.
        if (check.Outcome != TotpOutcome.Wrong) visit.Raise(SecurityEventKind.OneTimeCodeReplayed, person.Id);
        return false;
    }

    private static async Task<bool?> SpendRecoveryCodeAsync(Visit visit, Person person)
    {
        var hash = new byte[32];
        if (!RecoveryCodes.TryHash(visit.Form["recovery"], hash)) return null;
        if (!await visit.Services.Factors.TrySpendRecoveryCodeAsync(person.Id, hash, visit.Aborted)) return false;
        visit.Raise(SecurityEventKind.RecoveryCodeUsed, person.Id);
        return true;
    }

    private static async Task<Page> CreateAsync(Visit visit, Person person, string? problem)
    {
        var services = visit.Services;
        var hasApp = await services.Factors.FindTotpAsync(person.Id, visit.Aborted) is not null;
        var hasCodes = await services.Factors.CountRecoveryCodesAsync(person.Id, visit.Aborted) > 0;
        var passkeys = await services.Passkeys.ListAsync(person.Id, visit.Aborted);
        return SecondFactorView.Create(visit, hasApp, hasCodes, problem, problem is not null && hasCodes && visit.Form.Contains("recovery"), passkeys.Count == 0 ? null : visit.Passkeys?.AskToUse(visit.Seal, person.Id, passkeys));
    }
}
