using Portcullis.Control.Identity.Account.Markup;

namespace Portcullis.Control.Identity.Account.Views;

/// <summary>The second step of signing in.</summary>
internal static class SecondFactorView
{
    /// <param name="visit">The request.</param>
    /// <param name="hasApp">Whether the person has an app that shows codes.</param>
    /// <param name="hasRecoveryCodes">Whether recovery codes are left.</param>
    /// <param name="problem">What went wrong; null: nothing.</param>
    /// <param name="isOfRecovery">Whether that was with a recovery code, whose field is then open and the next to be filled in.</param>
    /// <param name="challenge">For the person's passkeys; null where there are none, or they can't be used here.</param>
    public static Page Create(Visit visit, bool hasApp, bool hasRecoveryCodes, string? problem, bool isOfRecovery, PasskeyRequest? challenge) => new("Second step", Html.Of(
        $"""
        {Fields.Problem(problem)}
        {Html.If(hasApp, Html.Of(
            $"""
            <form method="post" action="{AccountPaths.SignInCode}">
            {Fields.Carried(visit.ReturnTo, visit.Wish)}
            {Fields.OneTimeCode(problem is not null && !isOfRecovery, hasFocus: !isOfRecovery)}
            <button>Continue</button>
            </form>
            """))}
        {Html.If(!hasApp && challenge is not null, Html.Of($"<p>Your password was right. Now use your passkey.</p>"))}
        {(challenge is null ? Html.Empty : PasskeyForms.Use(challenge, visit.ReturnTo, visit.Wish, isOffered: false, "Use a passkey"))}
        {Html.If(hasRecoveryCodes, Html.Of(
            $"""
            <details{Html.If(isOfRecovery, Html.Of($" open"))}>
            <summary>I can't use {(hasApp ? "my app" : "my passkey")}</summary>
            <form method="post" action="{AccountPaths.SignInCode}">
            {Fields.Carried(visit.ReturnTo, visit.Wish)}
            <label for="recovery">Recovery code</label>
            <p class="hint" id="recovery-hint">One of the ten codes that you were shown when you set up your second factor. Each counts once.</p>
            <input id="recovery" name="recovery" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="64" required {Recovery(isOfRecovery)}>
            <button>Continue</button>
            </form>
            </details>
            """))}
        <p class="aside"><a href="{SignInQuery.PageFor(visit.ReturnTo, visit.Wish)}">Start again</a></p>
        """))
    { HasScript = challenge is not null };

    private static Html Recovery(bool isWrong) => isWrong ? Html.Of($"""aria-invalid="true" aria-describedby="problem recovery-hint" autofocus""") : Html.Of($"aria-describedby=\"recovery-hint\"");
}
