using System.Buffers.Text;
using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Control.Identity.Account.Views;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;
using Portcullis.Trust.Passkeys;
using Person = Portcullis.Control.Identity.People.Person;

namespace Portcullis.Control.Identity.Account;

/// <summary><c>/account/passkeys</c>: those that there are, and a new one.</summary>
internal sealed class PasskeysPage(AccountContext account) : SignedInPage(account, AccountPaths.Passkeys)
{
    private const string Refused = "That passkey was not accepted. Try again, or use another device.";
    private const int LongestLabel = 60;

    /// <summary>The page, with what went wrong.</summary>
    public static async Task<Page> CreateAsync(Visit visit, Session session, Person person, string? problem)
    {
        var passkeys = await visit.Services.Passkeys.ListAsync(person.Id, visit.Aborted);
        var isOpen = visit.Passkeys is not null && IsFresh(visit, session, person) && passkeys.Count < PasskeyCeremonies.MostOfPerson;
        var ask = isOpen ? visit.Passkeys!.AskToCreate(visit.Seal, session.Sid, person, passkeys) : null;
        return new Page("Passkeys", Html.Of(
            $"""
            {Fields.Problem(problem)}
            <p>A passkey signs you in with your fingerprint, face or PIN. It can't be guessed or phished, and stands for password and second factor together.</p>
            {Html.If(passkeys.Count > 0, Html.Of($"""<ul class="cards">{Html.Join(passkeys.Select(Card))}</ul>"""))}
            {(ask is null ? Html.Of($"<p>{WhyNot(visit, passkeys.Count)}</p>") : PasskeyForms.Add(ask))}
            """))
        { SignedInAs = person.Name, Place = AccountPaths.Passkeys, HasScript = ask is not null };
    }

    protected override async ValueTask<Verdict> ShowAsync(Visit visit, Session session, Person person) => await visit.PageAsync(await CreateAsync(visit, session, person, null));

    protected override async ValueTask<Verdict> ChangeAsync(Visit visit, Session session, Person person)
    {
        if (visit.Passkeys is not { } ceremonies) return Verdict.Refuse(RefusalCode.RouteNotFound, "passkeys are made at the issuer's origin alone");
        if (!IsFresh(visit, session, person)) return await visit.SignInFirstAsync(AccountPaths.Passkeys, SignInWish.Fresh);

        // 1. What the authenticator answered (WebAuthn §7.1).
        var outcome = PasskeyOutcome.Malformed;
        RegisteredPasskey? made = null;
        var challenge = PasskeyCeremonies.OpenCreate(visit, session.Sid);
        if (challenge is null) outcome = PasskeyOutcome.WrongChallenge;
        else if (FormOctets.Read(visit.Form["client"], AuthenticatorLimits.ClientData) is { } client && FormOctets.Read(visit.Form["attestation"], AuthenticatorLimits.AttestationObject) is { } attestation)
            outcome = ceremonies.Verifier.Register(challenge, client, attestation, out made);
        if (made is null || !await PasskeyCeremonies.TrySpendAsync(visit, challenge!)) return await visit.RefuseAsync(RefusalCode.FormRefused, $"new passkey: {outcome}", await CreateAsync(visit, session, person, Refused));

        // 2. Step 22: nobody else has it.
        var passkey = new Passkey
        {
            CredentialId = made.CredentialId,
            Subject = person.Id,
            PublicKey = made.PublicKey,
            Label = ReadLabel(visit.Form["label"]),
            SignCount = made.SignCount,
            IsBackedUp = made.IsBackedUp,
            Created = visit.Now,
        };
        if (!await visit.Services.Passkeys.TryAddAsync(passkey, PasskeyCeremonies.MostOfPerson, visit.Aborted))
            return await visit.RefuseAsync(RefusalCode.FormRefused, "new passkey: its id is taken, or there are too many", await CreateAsync(visit, session, person, Refused));

        // 3. Its making proved presence and owner.
        visit.Raise(SecurityEventKind.FactorAdded, person.Id);
        var kind = made.IsBackedUp ? AuthenticationMethods.SoftwareKey : AuthenticationMethods.HardwareKey;
        if (!await FactorChanges.AddedAsync(visit, session, kind, AuthenticationMethods.UserVerified, AuthenticationMethods.MultiFactor)) return await visit.SignInFirstAsync(AccountPaths.Passkeys);
        if (await visit.Services.Factors.CountRecoveryCodesAsync(person.Id, visit.Aborted) > 0) return await visit.RedirectAsync(AccountPaths.Passkeys);
        var codes = await AppEnrolment.RenewRecoveryCodesAsync(visit, person.Id);
        return await visit.PageAsync(new Page("Recovery codes", RecoveryCodesView.Create(codes, "Your passkey is ready.", AccountPaths.Passkeys)) { SignedInAs = person.Name, Place = AccountPaths.Passkeys });
    }

    private static Html Card(Passkey passkey) => Html.Of(
        $"""
        <li>
        <div>
        <h2><bdi>{passkey.Label}</bdi></h2>
        <p>Added {passkey.Created}{(passkey.LastUsed is { } used ? Html.Of($", last used {used}") : Html.Of($", never used"))}{Html.If(passkey.IsBackedUp, Html.Of($", backed up"))}</p>
        </div>
        <form method="post" action="{AccountPaths.RemovePasskey}">
        <input type="hidden" name="id" value="{Base64Url.EncodeToString(passkey.CredentialId.Span)}">
        <button class="quiet" aria-label="Remove {passkey.Label}">Remove</button>
        </form>
        </li>
        """);

    private static Html WhyNot(Visit visit, int count) => visit.Passkeys is null
        ? Html.Of($"Passkeys can't be used at this address.")
        : count >= PasskeyCeremonies.MostOfPerson
            ? Html.Of($"You have as many passkeys as there can be. Remove one before you add another.")
            : Html.Of($"""<a class="button" href="{SignInQuery.PageFor(AccountPaths.Passkeys, SignInWish.Fresh)}">Confirm it's you to add a passkey</a>""");

    // Control characters would hide what is behind them, and half a pair of surrogates is no character.
    private static string ReadLabel(string typed)
    {
        var text = new string([.. typed.Where(character => !char.IsControl(character))]).Trim();
        if (text.Length > LongestLabel) text = text[..LongestLabel];
        if (text.Length > 0 && char.IsHighSurrogate(text[^1])) text = text[..^1];
        return text.Length == 0 ? "Passkey" : text;
    }
}
