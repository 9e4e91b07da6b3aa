using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Control.Identity.People;

namespace Portcullis.Control.Identity.Account.Views;

/// <summary>A password of one's own, while signing in with one that was handed out.</summary>
internal static class NewPasswordView
{
    /// <param name="visit">The request.</param>
    /// <param name="person">Whose password.</param>
    /// <param name="problem">What went wrong; null: nothing.</param>
    public static Html Create(Visit visit, Person person, string? problem) => Html.Of(
        $"""
        {Fields.Problem(problem)}
        <p>The password that you were given is for your first sign-in. Choose one that you alone know.</p>
        <form method="post" action="{AccountPaths.SignInPassword}">
        {Fields.Carried(visit.ReturnTo, visit.Wish)}
        <input type="hidden" name="name" autocomplete="username" value="{person.Name}">
        {NewPassword(problem is not null, hasFocus: true)}
        <button>Set password and continue</button>
        </form>
        <p class="aside"><a href="{SignInQuery.PageFor(visit.ReturnTo, visit.Wish)}">Start again</a></p>
        """);

    /// <summary>The two fields for a new password.</summary>
    public static Html NewPassword(bool isWrong, bool hasFocus) => Html.Of(
        $"""
        <label for="new">New password</label>
        <p class="hint" id="new-hint">Several words in a row are easy to remember. There are no rules about digits and signs.</p>
        <input id="new" name="new" type="password" autocomplete="new-password" maxlength="512" required aria-describedby="{Html.If(isWrong, Html.Of($"problem "))}new-hint"{Html.If(isWrong, Html.Of($""" aria-invalid="true" """))}{Html.If(hasFocus, Html.Of($" autofocus"))}>
        <label for="again">New password again</label>
        <input id="again" name="again" type="password" autocomplete="new-password" maxlength="512" required>
        """);
}
