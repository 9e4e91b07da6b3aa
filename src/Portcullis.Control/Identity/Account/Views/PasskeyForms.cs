using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Gateway.Identity.People;

namespace Portcullis.Control.Identity.Account.Views;

/// <summary>Forms that the script fills in with an authenticator's answer. Without the script, or where the browser knows no passkeys, they stay hidden.</summary>
internal static class PasskeyForms
{
    /// <param name="request">What the authenticator is asked.</param>
    /// <param name="returnTo">Where to go afterwards.</param>
    /// <param name="wish">What is asked.</param>
    /// <param name="isOffered">Whether the browser may offer passkeys in the field for the name.</param>
    /// <param name="text">What the button says.</param>
    public static Html Use(PasskeyRequest request, string returnTo, SignInWish wish, bool isOffered, string text) => Html.Of(
        $"""
        <form class="passkey" method="post" action="{AccountPaths.SignInPasskey}" data-passkey="get" data-options="{request.Options}" data-offered="{(isOffered ? "yes" : "no")}" hidden>
        {Fields.Carried(returnTo, wish)}
        {Answer(request, "id", "client", "authenticator", "signature", "user")}
        <p class="or"><span>or</span></p>
        <button class="second" type="submit">{text}</button>
        <p class="problem" role="alert" hidden>The passkey was not used. Try again, or sign in another way.</p>
        </form>
        """);

    /// <summary>The form that adds a passkey.</summary>
    public static Html Add(PasskeyRequest request) => Html.Of(
        $"""
        <form class="passkey" method="post" action="{AccountPaths.Passkeys}" data-passkey="create" data-options="{request.Options}" hidden>
        {Answer(request, "client", "attestation")}
        <label for="label">Name of the new passkey</label>
        <p class="hint" id="label-hint">So that you know it again, such as the device that it is on.</p>
        <input id="label" name="label" type="text" autocomplete="off" maxlength="60" required aria-describedby="label-hint">
        <button type="submit">Add a passkey</button>
        <p class="problem" role="alert" hidden>No passkey was made. Try again.</p>
        </form>
        <p class="no-passkeys">This browser can't add passkeys here: it needs JavaScript, and a browser that knows them.</p>
        """);

    private static Html Answer(PasskeyRequest request, params string[] fields) => Html.Of(
        $"""
        <input type="hidden" name="challenge" value="{request.Sealed}">
        {Html.Join(fields.Select(name => Html.Of($"""<input type="hidden" name="{name}" value="">""")))}
        """);
}
