using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Trust.Keys;

namespace Portcullis.Control.Identity.Account.Views;

/// <summary>Setting up an app that shows codes, while signing in or later.</summary>
internal static class EnrolView
{
    /// <param name="action">Where the form goes.</param>
    /// <param name="uri">What the picture holds.</param>
    /// <param name="secret">The same to type.</param>
    /// <param name="sealedSecret">The same, sealed, for the form to bring back.</param>
    /// <param name="carried">Further fields of the form.</param>
    /// <param name="problem">What went wrong; null: nothing.</param>
    public static Html Create(string action, Secret uri, Secret secret, string sealedSecret, Html carried, string? problem) => Html.Of(
        $"""
        {Fields.Problem(problem)}
        <ol class="steps">
        <li>
        <p>Open an authenticator app on your phone and let it read this picture.</p>
        <div class="qr">{QrPicture.Draw(uri)}</div>
        <details>
        <summary>I can't read the picture</summary>
        <p>Enter this key in the app, as a time-based one:</p>
        <p class="key"><code>{secret.Reveal()}</code></p>
        </details>
        </li>
        <li>
        <form method="post" action="{action}">
        {carried}
        <input type="hidden" name="secret" value="{sealedSecret}">
        {Fields.OneTimeCode(problem is not null, hasFocus: problem is not null)}
        <button>Check the code and finish</button>
        </form>
        </li>
        </ol>
        """);
}
