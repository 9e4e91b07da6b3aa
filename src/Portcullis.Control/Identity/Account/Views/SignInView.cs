using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Gateway.Identity.People;

namespace Portcullis.Control.Identity.Account.Views;

/// <summary>Name and password, or a passkey.</summary>
internal static class SignInView
{
    /// <summary>What everybody is told whose sign-in is refused, whatever the reason.</summary>
    public const string Refused = "That name and password don't fit together. Check both and try again.";

    /// <summary>What is told to who has to wait.</summary>
    public static string Wait(TimeSpan time) => time.TotalSeconds < 90
        ? $"There were too many attempts. Wait {Math.Ceiling(time.TotalSeconds):0} seconds and try again."
        : $"There were too many attempts. Wait {Math.Ceiling(time.TotalMinutes):0} minutes and try again.";

    /// <param name="visit">The request.</param>
    /// <param name="name">The name to sign in with, as far as it is known.</param>
    /// <param name="isConfirming">Whether somebody who is signed in proves anew who they are.</param>
    /// <param name="problem">What went wrong; null: nothing.</param>
    /// <param name="challenge">For a passkey; null where passkeys can't be used here.</param>
    public static Page Create(Visit visit, string name, bool isConfirming, string? problem, PasskeyRequest? challenge) => new(isConfirming ? "Confirm it's you" : "Sign in", Html.Of(
        $"""
        {Html.If(isConfirming && problem is null, Html.Of($"""<p>{Why(visit.Wish)}</p>"""))}
        {Fields.Problem(problem)}
        <form method="post" action="{AccountPaths.SignIn}">
        {Fields.Carried(visit.ReturnTo, visit.Wish)}
        <label for="name">Name</label>
        <input id="name" name="name" type="text" autocomplete="username webauthn" autocapitalize="none" autocorrect="off" spellcheck="false" maxlength="254" required value="{name}"{Focus(name.Length == 0, problem)}>
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" maxlength="512" required{Focus(name.Length > 0, problem)}>
        <button>{(isConfirming ? "Confirm" : "Sign in")}</button>
        </form>
        {(challenge is null ? Html.Empty : PasskeyForms.Use(challenge, visit.ReturnTo, visit.Wish, isOffered: true, "Use a passkey instead"))}
        {Html.If(isConfirming, Html.Of($"""<p class="aside"><a href="{AccountPaths.SignOut}">Sign in as somebody else</a></p>"""))}
        """))
    { HasScript = challenge is not null };

    private static string Why(SignInWish wish) => wish == SignInWish.SecondFactor
        ? "This needs a sign-in with a second factor."
        : "Enter your password once more, so that nobody else does this in your place.";

    private static Html Focus(bool isNext, string? problem) => Html.Of($" {Fields.Attributes(problem is not null, isNext)}");
}
