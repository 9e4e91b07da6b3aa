using Portcullis.Control.Identity.Account.Markup;

namespace Portcullis.Control.Identity.Account.Views;

/// <summary>What all pages have around them. One style sheet, one script where it is needed, nothing from elsewhere.</summary>
internal static class PageFrame
{
    private static readonly (string Path, string Text)[] Menu =
    [
        (AccountPaths.Overview, "Overview"), (AccountPaths.Password, "Password"), (AccountPaths.Factors, "Second factor"), (AccountPaths.Passkeys, "Passkeys"),
        (AccountPaths.RecoveryCodes, "Recovery codes"), (AccountPaths.Sessions, "Sessions"),
    ];

    /// <param name="page">The page.</param>
    /// <param name="service">The service's name.</param>
    /// <param name="nonce">Of this response alone; the style sheet and the script are let in by it.</param>
    public static Html Render(Page page, string service, string nonce) => Html.Of(
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>{page.Title} · {service}</title>
        <link rel="stylesheet" href="{Assets.Style.Path}" nonce="{nonce}">
        {(page.GoesOnTo is { } next ? Html.Of($"""<meta http-equiv="refresh" content="0;url={next}">""") : Html.Empty)}
        </head>
        <body>
        <a class="skip" href="#main">Skip to content</a>
        <header>
        <p class="service">{service}</p>
        {(page.SignedInAs is { } name ? SignedIn(name) : Html.Empty)}
        </header>
        {(page.SignedInAs is null ? Html.Empty : Navigation(page.Place))}
        <main id="main">
        <h1>{page.Title}</h1>
        {page.Body}
        </main>
        {Html.If(page.HasScript, Html.Of($"""<script src="{Assets.Script.Path}" nonce="{nonce}" defer></script>"""))}
        </body>
        </html>

        """);

    private static Html SignedIn(string name) => Html.Of(
        $"""
        <form class="out" method="post" action="{AccountPaths.SignOut}">
        <span>Signed in as <b><bdi>{name}</bdi></b></span>
        <button class="quiet">Sign out</button>
        </form>
        """);

    private static Html Navigation(string place) => Html.Of(
        $"""
        <nav aria-label="Account"><ul>
        {Html.Join(Menu.Select(entry => entry.Path == place
            ? Html.Of($"""<li><a href="{entry.Path}" aria-current="page">{entry.Text}</a></li>""")
            : Html.Of($"""<li><a href="{entry.Path}">{entry.Text}</a></li>""")))}
        </ul></nav>
        """);
}
