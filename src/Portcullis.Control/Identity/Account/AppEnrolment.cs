using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Control.Identity.Account.Views;
using Portcullis.Control.Identity.People;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Trust.Keys;
using Portcullis.Trust.OneTimeCodes;

namespace Portcullis.Control.Identity.Account;

/// <summary>Sets up an app that shows codes. The secret goes to the page sealed and comes back with the first code; nothing is stored before that code has proved it.</summary>
internal static class AppEnrolment
{
    /// <summary>What is told to who brings a wrong code.</summary>
    public const string WrongCode = "That code is not right. Make sure that the time of your phone is set automatically, and type the code that the app shows now.";

    /// <summary>What is told to who took too long.</summary>
    public const string TooLate = "This took too long. Remove the entry from your app and read the new picture.";

    private const string Meanwhile = "A second factor was set up meanwhile. If it was not you, have your password changed at once.";
    private const string Kind = "app-enrolment";

    private static readonly TimeSpan life = TimeSpan.FromMinutes(15);

    /// <summary>A fresh secret, or the one that the form brought back with a wrong code.</summary>
    /// <param name="visit">The request.</param>
    /// <param name="owner">The session or sign-in that it is for.</param>
    /// <param name="person">Whose it will be.</param>
    /// <param name="action">Where the form goes.</param>
    /// <param name="carried">Further fields of the form.</param>
    /// <param name="problem">What went wrong; null: nothing.</param>
    public static Html Show(Visit visit, string owner, Person person, string action, Html carried, string? problem)
    {
        var secret = visit.Seal.Open(Kind, owner, visit.Form["secret"]) is { } former ? Secret.FromBytes(former) : Totp.NewSecret();
        var sealedSecret = visit.Seal.Seal(Kind, owner, life, secret.RevealBytes());
        return EnrolView.Create(action, Totp.ToUri(secret, visit.Account.ServiceName, person.Name), Totp.ToText(secret), sealedSecret, carried, problem);
    }

    /// <summary>Stores the secret where the code proves it. Null where that is done; else what to tell.</summary>
    public static async Task<string?> ConfirmAsync(Visit visit, string owner, Person person)
    {
        if (visit.Seal.Open(Kind, owner, visit.Form["secret"]) is not { } octets) return TooLate;
        var secret = Secret.FromBytes(octets);
        var check = Totp.Verify(secret, visit.Form["code"], 0, visit.Now);
        if (check.Outcome != TotpOutcome.Accepted) return WrongCode;

        // Who had no factor when it was asked may have one by now; that one decides then who sets up another.
        if (person.HasSecondFactor) await visit.Services.Factors.SetTotpAsync(person.Id, secret, check.Step, visit.Aborted);
        else if (!await visit.Services.Factors.TrySetFirstTotpAsync(person.Id, secret, check.Step, visit.Aborted)) return Meanwhile;
        visit.Raise(SecurityEventKind.FactorAdded, person.Id);
        return null;
    }

    /// <summary>A new set of recovery codes in the place of any other.</summary>
    public static async Task<IReadOnlyList<RecoveryCode>> RenewRecoveryCodesAsync(Visit visit, string subject)
    {
        var codes = RecoveryCodes.Generate();
        await visit.Services.Factors.ReplaceRecoveryCodesAsync(subject, [.. codes.Select(code => code.Hash)], visit.Aborted);
        visit.Raise(SecurityEventKind.RecoveryCodesRenewed, subject);
        return codes;
    }
}
