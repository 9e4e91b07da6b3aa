using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Control.Identity.Account.Views;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary><c>/account/mfa</c>: second factors.</summary>
internal sealed class FactorsPage(AccountContext account) : SignedInPage(account, AccountPaths.Factors)
{
    /// <summary>What is told to who would be left without a factor that they need.</summary>
    public const string LastOne = "Your account needs a second factor. Add another one before you remove this.";

    /// <summary>The page, with what went wrong.</summary>
    public static async Task<Page> CreateAsync(Visit visit, Person person, string? problem)
    {
        var app = await visit.Services.Factors.FindTotpAsync(person.Id, visit.Aborted);
        var passkeys = await visit.Services.Passkeys.ListAsync(person.Id, visit.Aborted);
        var isNeeded = await visit.Services.FactorRule.AppliesToAsync(person, visit.Aborted);
        var codes = await visit.Services.Factors.CountRecoveryCodesAsync(person.Id, visit.Aborted);
        return new Page("Second factor", Html.Of(
            $"""
            {Fields.Problem(problem)}
            <p>With a second factor nobody gets in by your password alone.{Html.If(isNeeded, Html.Of($" Your account needs one."))}</p>
            <ul class="cards">
            <li>
            <div><h2>App that shows codes</h2><p>{(app is null ? Html.Of($"Not set up.") : Html.Of($"Set up {app.Enrolled}."))}</p></div>
            {(app is null
                ? Html.Of($"""<a class="button" href="{AccountPaths.App}">Set up</a>""")
                : Html.Of(
                    $"""
                    <div class="pair">
                    <a class="button quiet" href="{AccountPaths.App}">Replace</a>
                    <form method="post" action="{AccountPaths.RemoveApp}"><button class="quiet" aria-label="Remove the app">Remove</button></form>
                    </div>
                    """))}
            </li>
            <li><div><h2>Passkeys</h2><p>{(passkeys.Count == 0 ? "None yet." : $"You have {passkeys.Count}.")} They also sign you in without your password.</p></div><a class="button quiet" href="{AccountPaths.Passkeys}">See</a></li>
            <li><div><h2>Recovery codes</h2><p>{codes} left, for when a factor is lost.</p></div><a class="button quiet" href="{AccountPaths.RecoveryCodes}">See</a></li>
            </ul>
            """))
        { SignedInAs = person.Name, Place = AccountPaths.Factors };
    }

    protected override async ValueTask<Verdict> ShowAsync(Visit visit, Session session, Person person) => await visit.PageAsync(await CreateAsync(visit, person, null));
}
