using System.Security.Cryptography;
using System.Text;
using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Control.Identity.Account.Views;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Identity.Account;

/// <summary>One request for a page: who comes, with what, and how they are answered.</summary>
internal sealed class Visit(Exchange exchange, AccountContext account, AccountServices services, AccountForm form)
{
    private readonly List<string> cookies = [];

    public Exchange Exchange => exchange;

    public AccountContext Account => account;

    public AccountServices Services => services;

    /// <summary>The form that was posted; of a GET its query.</summary>
    public AccountForm Form => form;

    public StateSeal Seal { get; } = new(services.Sealer, services.Clock);

    /// <summary>The session of the browser; null where it has none that counts.</summary>
    public Session? Session { get; set; }

    public CancellationToken Aborted => exchange.Aborted;

    public DateTimeOffset Now => services.Clock.GetUtcNow();

    /// <summary>Where to go afterwards; always a path here.</summary>
    public string ReturnTo { get; } = ReturnPath.Read(form["return"]);

    /// <summary>What is asked of who signs in.</summary>
    public SignInWish Wish { get; } = SignInQuery.ReadWish(form["for"]);

    /// <summary>Passkeys, where this page may use them: at the issuer's own origin alone.</summary>
    public PasskeyCeremonies? Passkeys => account.Passkeys is { } passkeys && passkeys.Origin == SameOrigin.Of(exchange) ? passkeys : null;

    public string? Cookie(string name) => BrowserCookies.Find(exchange.RequestHeaders.Cookie, name);

    public void SetCookie(string name, string value, string attributes) => cookies.Add($"{name}={value}{attributes}");

    /// <summary>Puts the renewed session into the browser, and into this visit.</summary>
    public void Keep(StartedSession started)
    {
        Session = started.Session;
        SetCookie(SessionCookie.Name, started.Cookie.Reveal(), SessionCookie.Attributes);
    }

    public void Raise(SecurityEventKind kind, string subject = "") => services.Events.Raise(new SecurityEvent(kind) { Subject = subject, RequestId = exchange.RequestId });

    /// <summary>Sends the browser on by GET (RFC 9110 §15.4.4).</summary>
    public ValueTask<Verdict> RedirectAsync(string path)
    {
        exchange.ResponseHeaders.Location = path;
        WriteFields("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
        return exchange.RespondAsync(303, null, default);
    }

    /// <summary>To the sign-in page, and back here.</summary>
    public ValueTask<Verdict> SignInFirstAsync(string returnTo, SignInWish wish = SignInWish.None) => RedirectAsync(SignInQuery.PageFor(returnTo, wish));

    /// <summary>Answers with a page that says no, and tells the decision log why.</summary>
    public ValueTask<Verdict> RefuseAsync(RefusalCode code, string cause, Page page, TimeSpan? retryAfter = null)
    {
        exchange.Fail(code, cause);
        if (retryAfter is { } wait) exchange.ResponseHeaders.RetryAfter = ((long)wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return PageAsync(page, code.Status);
    }

    /// <summary>Answers with a page.</summary>
    public ValueTask<Verdict> PageAsync(Page page, int status = 200)
    {
        // A nonce and not 'self': services behind the gateway are of the same origin, and nothing of theirs may be loaded here.
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        var script = page.HasScript ? $"script-src 'nonce-{nonce}'; " : string.Empty;
        WriteFields($"default-src 'none'; style-src 'nonce-{nonce}'; {script}form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
        return exchange.RespondAsync(status, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(PageFrame.Render(page, account.ServiceName, nonce).ToString()));
    }

    private void WriteFields(string policy)
    {
        var headers = exchange.ResponseHeaders;
        headers.ContentSecurityPolicy = policy;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";

        // Not no-referrer: with that browsers send "Origin: null" with forms (Fetch, append a request Origin header), which is refused here.
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-create=(self), publickey-credentials-get=(self)";
        if (cookies.Count > 0) headers.SetCookie = cookies.ToArray();
    }
}
