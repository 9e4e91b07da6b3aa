using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Trust.OneTimeCodes;

namespace Portcullis.Control.Identity.Account.Views;

/// <summary>New recovery codes: the one time that they are shown.</summary>
internal static class RecoveryCodesView
{
    public static Html Create(IReadOnlyList<RecoveryCode> codes, string notice, string next) => Html.Of(
        $"""
        {Fields.Notice(notice)}
        <p>These codes let you in when you have lost your second factor. Each counts once. <strong>They are shown only now</strong>: print them, or write them down, and keep them
        where you would keep a passport.</p>
        <ol class="codes" aria-label="Recovery codes">
        {Html.Join(codes.Select(code => Html.Of($"<li><code>{code.Text.Reveal()}</code></li>")))}
        </ol>
        <p><a class="button" href="{next}">I have kept them: continue</a></p>
        """);
}
