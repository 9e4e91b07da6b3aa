using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Gateway.Identity.People;

namespace Portcullis.Control.Identity.Account.Views;

/// <summary>Pieces that several pages have.</summary>
internal static class Fields
{
    /// <summary>What went wrong, said at once by screen readers; nothing where nothing did.</summary>
    public static Html Problem(string? text) => text is null ? Html.Empty : Html.Of($"""<p class="problem" role="alert" id="problem">{text}</p>""");

    /// <summary>What went well.</summary>
    public static Html Notice(string? text) => text is null ? Html.Empty : Html.Of($"""<p class="notice" role="status">{text}</p>""");

    /// <summary>Where to go afterwards and what is asked, carried along.</summary>
    public static Html Carried(string returnTo, SignInWish wish) => Html.Of(
        $"""
        {Html.If(returnTo != ReturnPath.Usual, Html.Of($"""<input type="hidden" name="return" value="{returnTo}">"""))}
        {Html.If(wish != SignInWish.None, Html.Of($"""<input type="hidden" name="for" value="{SignInQuery.Text(wish)}">"""))}
        """);

    /// <summary>The field for a code of an app: phones offer it by themselves, and show digits to type.</summary>
    public static Html OneTimeCode(bool isWrong, bool hasFocus = true) => Html.Of(
        $"""
        <label for="code">Code from your app</label>
        <input id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="12" required {Attributes(isWrong, hasFocus)}>
        """);

    /// <summary>Attributes of a field that is to be filled in next.</summary>
    public static Html Attributes(bool isWrong, bool hasFocus) => Html.Of(
        $"""{Html.If(isWrong, Html.Of($"""aria-invalid="true" aria-describedby="problem" """))}{Html.If(hasFocus, Html.Of($"autofocus"))}""");
}
