using System.Text.Json;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Account;

/// <summary>Routes that want a stronger or more recent sign-in, a real browser and the real pages.</summary>
public sealed class StepUpFlowTests
{
    private const string Routes = """
        clusters: { app: { destinations: ["{app}"] } }
        routes:
          any: { match: { path: "/any/{**rest}" }, cluster: app, policies: { authenticate: session, authorize: authenticated } }
          strong: { match: { path: "/strong/{**rest}" }, cluster: app, policies: { authenticate: { methods: session, require: mfa }, authorize: authenticated } }
          fresh: { match: { path: "/fresh/{**rest}" }, cluster: app, policies: { authenticate: { methods: session, maxAge: 30s }, authorize: authenticated } }
        """;

    [Fact]
    public async Task A_route_that_wants_several_factors_has_the_person_add_one_and_leads_them_back()
    {
        await using var app = await Upstream.StartAsync();
        await using var gateway = await AccountNode.StartAsync(Routes.Replace("{app}", app.Url, StringComparison.Ordinal));
        await gateway.AddAsync("ada");
        await using var browser = await Chromium.StartAsync();

        // 1. A password is enough for the one route, whose page is seen after the sign-in.
        await browser.GoAsync(gateway.At("/any/page"));
        Assert.Equal("/account/sign-in?return=%2Fany%2Fpage", await browser.PathAsync());
        await SignInAsync(browser, "ada");
        Assert.Equal("/any/page", await browser.PathAsync());
        var before = await SessionAsync(browser);

        // 2. The other asks for more. A script gets the challenge of RFC 9470, a navigation the pages.
        Assert.Equal(401, (await browser.EvaluateAsync("fetch('/strong/page', { headers: { Accept: 'application/json' } }).then(answer => answer.status)")).GetInt32());
        await browser.GoAsync(gateway.At("/strong/page?order=7&x=%2F%2Fevil.example"));
        Assert.StartsWith("/account/sign-in?for=factor&return=%2Fstrong%2Fpage", await browser.PathAsync(), StringComparison.Ordinal);
        Assert.Equal("Confirm it's you", await browser.TextAsync("h1"));
        Assert.Contains("with a second factor", await browser.TextAsync(), StringComparison.Ordinal);
        await browser.TypeAsync("#password", AccountNode.Password);
        await browser.PressAsync("form[action='/account/sign-in'] button");

        // 3. There is none yet: it is set up here, behind the password.
        Assert.StartsWith("/account/sign-in/enrol", await browser.PathAsync(), StringComparison.Ordinal);
        var secret = (await browser.EvaluateAsync("document.querySelector('.key code').textContent")).GetString()!;
        await browser.TypeAsync("#code", await AccountNode.CodeAsync(secret));
        await browser.PressAsync("form[action='/account/sign-in/enrol'] button");
        Assert.Equal(10, (await browser.EvaluateAsync("document.querySelectorAll('.codes code').length")).GetInt32());
        var recovery = (await browser.EvaluateAsync("document.querySelector('.codes code').textContent")).GetString()!;
        await browser.PressAsync("a.button");

        // 4. Back, to the very address, in another session (OWASP ASVS 5.0, 7.2.4).
        Assert.Equal("/strong/page?order=7&x=%2F%2Fevil.example", await browser.PathAsync());
        Assert.Equal("through the gateway", await browser.TextAsync("#answer"));
        Assert.NotEqual(before, await SessionAsync(browser));

        // 5. Where there is a factor the next browser is asked for it, and for nothing where the route wants none.
        await using var second = await Chromium.StartAsync();
        await second.GoAsync(gateway.At("/strong/page"));
        await SignInAsync(second, "ada");
        Assert.StartsWith("/account/sign-in/code", await second.PathAsync(), StringComparison.Ordinal);
        await second.TouchAsync("summary");
        await second.TypeAsync("#recovery", "wrong");
        await second.PressAsync("details button");

        // What was wrong is open, and is where one types on.
        Assert.Equal("recovery", (await second.EvaluateAsync("document.activeElement.id")).GetString());
        await second.TypeAsync("#recovery", recovery);
        await second.PressAsync("details button");
        Assert.Equal("/strong/page", await second.PathAsync());
        Assert.Equal("through the gateway", await second.TextAsync("#answer"));

        // 6. The record tells who was sent where and why.
        var decisions = (await gateway.Node.DecisionsAsync(1)).Where(record => record.TryGetProperty("route", out var route) && route.GetString() == "strong").ToList();
        Assert.Contains(decisions, record => record.GetProperty("status").GetInt32() == 303 && Text(record, "code") == "auth.step_up_required" && Text(record, "cause") == "not signed in with several factors");
        Assert.Contains(decisions, record => record.GetProperty("status").GetInt32() == 200);
    }

    [Fact]
    public async Task A_route_that_wants_a_recent_sign_in_asks_for_the_password_once_more_and_leads_back()
    {
        await using var app = await Upstream.StartAsync();
        await using var gateway = await AccountNode.StartAsync(Routes.Replace("{app}", app.Url, StringComparison.Ordinal));
        await gateway.AddAsync("ada");
        await using var browser = await Chromium.StartAsync();
        await browser.GoAsync(gateway.At("/fresh/page"));
        await SignInAsync(browser, "ada");
        Assert.Equal("/fresh/page", await browser.PathAsync());

        // The route lets in for thirty seconds, and then a script gets the challenge, a navigation the page that asks. Other routes go on.
        await Eventually.HoldsAsync(
            async () => (await browser.EvaluateAsync("fetch('/fresh/page', { headers: { Accept: 'application/json' } }).then(answer => answer.headers.get('www-authenticate') ?? '')")).GetString()!.Contains("max_age=\"30\"", StringComparison.Ordinal),
            "the sign-in is too old");
        await browser.GoAsync(gateway.At("/any/page"));
        Assert.Equal("/any/page", await browser.PathAsync());

        await browser.GoAsync(gateway.At("/fresh/page"));
        Assert.Equal("/account/sign-in?for=fresh&return=%2Ffresh%2Fpage", await browser.PathAsync());
        Assert.Equal("Confirm it's you", await browser.TextAsync("h1"));
        Assert.Equal("ada", (await browser.EvaluateAsync("document.querySelector('#name').value")).GetString());
        await browser.TypeAsync("#password", "a password of another");
        await browser.PressAsync("form[action='/account/sign-in'] button");
        Assert.Contains("don't fit together", await browser.TextAsync("[role=alert]"), StringComparison.Ordinal);
        await browser.TypeAsync("#password", AccountNode.Password);
        await browser.PressAsync("form[action='/account/sign-in'] button");
        Assert.Equal("/fresh/page", await browser.PathAsync());
        Assert.Equal("through the gateway", await browser.TextAsync("#answer"));
    }

    private static string Text(JsonElement record, string name) => record.TryGetProperty(name, out var value) ? value.GetString() ?? string.Empty : string.Empty;

    private static async Task SignInAsync(Chromium browser, string name)
    {
        await browser.TypeAsync("#name", name);
        await browser.TypeAsync("#password", AccountNode.Password);
        await browser.PressAsync("form[action='/account/sign-in'] button");
    }

    /// <summary>The cookie of the session, which no script of a page could read.</summary>
    private static async Task<string> SessionAsync(Chromium browser)
    {
        var session = Assert.Single(await browser.Page.Context.CookiesAsync(), cookie => cookie.Name == "__Host-portcullis-session");
        Assert.True(session is { HttpOnly: true, Secure: true });
        return session.Value;
    }
}
