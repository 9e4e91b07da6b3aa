using System.Security.Cryptography;
using Portcullis.Control.Identity.People;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Pipeline;
using Portcullis.Trust.Passkeys;

namespace Portcullis.Control.Identity.Account;

/// <summary>
/// <c>/account/sign-in/passkey</c>: a passkey instead of name and password, or behind them. Its authenticator has checked its owner, so it is two factors by itself (NIST SP 800-63B-4,
/// multi-factor cryptographic authentication).
/// </summary>
internal sealed class SignInPasskeyPage(AccountContext account) : AccountPage(account)
{
    private const string Refused = "That passkey can't be used to sign in here. Try again, or sign in another way.";

    protected override async ValueTask<Verdict> PostAsync(Visit visit)
    {
        var began = visit.Now;
        if (visit.Passkeys is not { } ceremonies) return Verdict.Refuse(RefusalCode.RouteNotFound, "passkeys are used at the issuer's origin alone");

        // 1. The challenge. Behind a password it was given out for that person alone.
        var waiting = await SignInCodePage.FindAsync(visit);
        var challenge = PasskeyCeremonies.OpenUse(visit, string.Empty);
        var isSecond = challenge is null && waiting is not null;
        if (isSecond) challenge = PasskeyCeremonies.OpenUse(visit, waiting!.Value.Person.Id);
        if (challenge is null) return await RefuseAsync(visit, string.Empty, "challenge is unknown or too old");

        // 2. The credential, and whose it is (WebAuthn §7.2 steps 5 to 7). One text for all that may be wrong.
        if (FormOctets.Read(visit.Form["id"], AuthenticatorLimits.CredentialId) is not { Length: > 0 } id || await visit.Services.Passkeys.FindAsync(id, visit.Aborted) is not { } passkey)
            return await RefuseAsync(visit, string.Empty, "unknown credential");
        if (isSecond && passkey.Subject != waiting!.Value.Person.Id) return await RefuseAsync(visit, waiting.Value.Person.Id, "somebody else's credential");
        if (!IsOwner(visit.Form["user"], passkey.Subject, mayBeMissing: isSecond)) return await RefuseAsync(visit, passkey.Subject, "user handle is not the owner's");
        if (await visit.Services.People.FindByIdAsync(passkey.Subject, visit.Aborted) is not { IsDisabled: false } person) return await RefuseAsync(visit, passkey.Subject, "disabled");

        // 3. The signature, the challenge once, and the counter by one conditional change (steps 8 to 21).
        var outcome = Verify(visit, ceremonies.Verifier, challenge, passkey, out var use);
        if (outcome == PasskeyOutcome.Verified && !await PasskeyCeremonies.TrySpendAsync(visit, challenge)) return await RefuseAsync(visit, person.Id, "challenge was answered before");
        if (outcome == PasskeyOutcome.Verified && !await visit.Services.Passkeys.TryUseAsync(passkey.CredentialId, passkey.SignCount, use.SignCount, use.IsBackedUp, visit.Now, visit.Aborted))
            outcome = PasskeyOutcome.CounterStuck;
        if (outcome == PasskeyOutcome.CounterStuck) visit.Raise(SecurityEventKind.PasskeyCounterStuck, person.Id);
        if (outcome != PasskeyOutcome.Verified) return await RefuseAsync(visit, person.Id, $"passkey: {outcome}");

        // 4. On.
        string[] proved = [use.IsBackedUp ? AuthenticationMethods.SoftwareKey : AuthenticationMethods.HardwareKey, AuthenticationMethods.UserVerified, AuthenticationMethods.MultiFactor];
        var pending = isSecond
            ? waiting!.Value.Pending with { Methods = [.. waiting.Value.Pending.Methods, .. proved] }
            : new PendingSignIn { Subject = person.Id, Began = began, Address = visit.Exchange.ClientAddress, Methods = proved, Wish = visit.Wish };
        return await SignInSteps.ContinueAsync(visit, person, pending);
    }

    private static PasskeyOutcome Verify(Visit visit, PasskeyVerifier verifier, byte[] challenge, Passkey passkey, out PasskeyUse use)
    {
        use = default;
        return FormOctets.Read(visit.Form["client"], AuthenticatorLimits.ClientData) is { } client
            && FormOctets.Read(visit.Form["authenticator"], AuthenticatorLimits.AuthenticatorData) is { } authenticator
            && FormOctets.Read(visit.Form["signature"], AuthenticatorLimits.Signature) is { } signature
            ? verifier.Assert(challenge, client, authenticator, signature, passkey.PublicKey.Span, passkey.SignCount, out use)
            : PasskeyOutcome.Malformed;
    }

    // Step 6: where nobody was named before, the handle must be there, and it must be the owner's.
    private static bool IsOwner(string handle, string subject, bool mayBeMissing) => handle.Length == 0
        ? mayBeMissing
        : FormOctets.Read(handle, AuthenticatorLimits.UserHandle) is { } octets && CryptographicOperations.FixedTimeEquals(octets, PasskeyCeremonies.HandleOf(subject));

    private static ValueTask<Verdict> RefuseAsync(Visit visit, string subject, string cause)
    {
        visit.Raise(SecurityEventKind.SignInFailed, subject);
        return SignInPage.RefuseAsync(visit, RefusalCode.SignInRefused, cause, string.Empty, Refused);
    }
}
