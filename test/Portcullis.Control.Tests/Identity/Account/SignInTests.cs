using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Pipeline;

namespace Portcullis.Control.Tests.Identity.Account;

/// <summary>Signing in by name and password, and attacks on it.</summary>
public sealed class SignInTests : IAsyncLifetime
{
    private AccountNode node = null!;

    public async ValueTask InitializeAsync() => node = await AccountNode.StartAsync();

    public ValueTask DisposeAsync() => node.DisposeAsync();

    [Fact]
    public async Task Name_and_password_begin_a_session()
    {
        var ada = await node.AddAsync();
        using var browser = node.Browser();
        var page = await browser.GetAsync("/account/sign-in");
        Assert.Contains("autocomplete=\"current-password\"", page.Body, StringComparison.Ordinal);

        var answer = await browser.SignInAsync(" Ada ");
        Assert.Equal((HttpStatusCode.SeeOther, "/account"), (answer.Status, answer.Location));
        var cookie = Assert.Single(answer.SetCookies, cookie => cookie.StartsWith(SessionCookie.Name, StringComparison.Ordinal));
        Assert.EndsWith("; Path=/; Secure; HttpOnly; SameSite=Lax", cookie, StringComparison.Ordinal);
        Assert.Contains(answer.SetCookies, cookie => cookie.StartsWith("__Host-portcullis-device=", StringComparison.Ordinal) && cookie.Contains("SameSite=Strict", StringComparison.Ordinal));

        var session = await node.Registry.FindAsync(browser.Session, CancellationToken.None);
        Assert.Equal(ada.Id, session!.Subject);
        Assert.Equal(["pwd"], session.Methods);
        Assert.Equal(("Firefox on Linux", "192.0.2.1"), (session.Device, session.Address));
        Assert.Contains(node.Recorded.Events, one => one.Kind == SecurityEventKind.SignedIn && one.Subject == ada.Id && one.RequestId.Length == 32);
        Assert.Contains("Your account", (await browser.GetAsync("/account")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_is_wrong_looks_alike()
    {
        await node.AddAsync();
        await node.AddAsync("off", person => person with { IsDisabled = true });
        await node.AddAsync("keys", person => person with { PasswordHash = null });
        var shapes = new HashSet<string>();
        foreach (var (name, password, address) in new[] { ("ada", "wrong", 1), ("nobody", AccountNode.Password, 2), ("off", AccountNode.Password, 3), ("keys", AccountNode.Password, 4), ("x y", "", 5), ("<b>", "wrong", 6), ("ada", new string('x', 2000), 7) })
        {
            using var browser = node.Browser($"192.0.2.{address}");
            var answer = await browser.SignInAsync(name, password);
            Assert.Equal(422, (int)answer.Status);
            Assert.Empty(answer.SetCookies);
            shapes.Add(answer.Shape + string.Join(',', answer.Fields.Where(field => field.Key is not ("X-Request-ID" or "Content-Length" or "Content-Security-Policy" or "Date")).Select(field => field.Key + field.Value)));
        }

        Assert.Single(shapes);
        Assert.Equal(7, node.Recorded.Kinds.Count(kind => kind == SecurityEventKind.SignInFailed));
        Assert.All(node.Recorded.Events, one => Assert.Empty(one.Subject));
    }

    [Fact]
    public async Task Too_many_attempts_wait_whether_the_name_is_anybody_s_or_not()
    {
        await node.AddAsync();
        foreach (var name in new[] { "ada", "nobody" })
        {
            using var browser = node.Browser(name == "ada" ? "192.0.2.1" : "192.0.2.2");
            for (var i = 0; i < 5; i++) Assert.Equal(422, (int)(await browser.SignInAsync(name, "wrong")).Status);
            var answer = await browser.SignInAsync(name);
            Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);
            Assert.InRange(int.Parse(answer.Fields["Retry-After"], System.Globalization.CultureInfo.InvariantCulture), 1, 60);
            Assert.Contains("role=\"alert\"", answer.Body, StringComparison.Ordinal);
            Assert.False(browser.IsSignedIn);
        }
    }

    [Fact]
    public async Task More_passwords_than_can_be_checked_are_503_and_no_failures()
    {
        // A password takes a tenth of a second here, and one is checked at once: of 64 half must be refused.
        await using var slow = await AccountNode.StartAsync(cost: 200_000);
        using var enough = new CancellationTokenSource();
        var isBusy = false;
        await Task.WhenAll(Enumerable.Range(0, 64).Select(async i =>
        {
            using var browser = slow.Browser($"192.0.2.{i}");
            try
            {
                var form = new FormUrlEncodedContent([new("name", $"person{i}"), new("password", "whatever it is")]);
                var answer = await browser.SendAsync(HttpMethod.Post, "/account/sign-in", form, enough.Token);
                if (answer.Status != HttpStatusCode.ServiceUnavailable) return;
                Assert.Equal("5", answer.Fields["Retry-After"]);
                isBusy = true;
                await enough.CancelAsync();
            }
            catch (OperationCanceledException)
            {
                // Those that still waited.
            }
        }));
        Assert.True(isBusy);
    }

    [Fact]
    public async Task Strangers_failures_do_not_keep_the_owner_out_of_a_known_browser()
    {
        await node.AddAsync();
        using var owner = await node.SignedInAsync(node.People[(await node.People.FindByNameAsync("ada", CancellationToken.None))!.Id]);
        for (var i = 0; i < 12; i++)
        {
            using var stranger = node.Browser($"198.51.100.{i}");
            await stranger.SignInAsync("ada", "wrong");
        }

        using (var stranger = node.Browser("203.0.113.1")) Assert.Equal(HttpStatusCode.TooManyRequests, (await stranger.SignInAsync()).Status);
        owner.Cookies.Remove(SessionCookie.Name);
        Assert.Equal(HttpStatusCode.SeeOther, (await owner.SignInAsync()).Status);
    }

    [Fact]
    public async Task A_session_planted_before_is_worth_nothing_after()
    {
        await node.AddAsync("eve");
        await node.AddAsync();
        using var eve = node.Browser("198.51.100.1");
        await eve.SignInAsync("eve");
        using var victim = node.Browser();
        victim.Cookies[SessionCookie.Name] = eve.Session!;
        await victim.SignInAsync();

        Assert.NotEqual(eve.Session, victim.Session);
        Assert.Null(await node.Registry.FindAsync(eve.Session, CancellationToken.None));
        var self = victim.Session;
        await victim.SignInAsync();
        Assert.Null(await node.Registry.FindAsync(self, CancellationToken.None));
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "https://issuer.example.evil.example")]
    [InlineData("Origin", "https://issuer.example:444")]
    [InlineData("Origin", "http://issuer.example")]
    [InlineData("Origin", null)]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Sec-Fetch-Site", "none")]
    public async Task A_form_of_another_origin_is_refused_before_it_is_read(string field, string? value)
    {
        await node.AddAsync();
        using var browser = node.Browser();
        browser.Fields[field] = value;
        browser.Fields["Accept"] = "application/json";
        var answer = await browser.SignInAsync();

        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Contains(RefusalCode.OriginDenied.Code, answer.Body, StringComparison.Ordinal);
        Assert.Empty(answer.SetCookies);
    }

    [Fact]
    public async Task Fetch_metadata_stands_in_for_a_missing_origin()
    {
        await node.AddAsync();
        using var browser = node.Browser();
        browser.Fields["Origin"] = null;
        browser.Fields["Sec-Fetch-Site"] = "same-origin";
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SignInAsync()).Status);
    }

    [Theory]
    [InlineData("/account/sign-out")]
    [InlineData("/account/sessions/end")]
    [InlineData("/account/password")]
    [InlineData("/account/mfa/app")]
    [InlineData("/account/mfa/app/remove")]
    [InlineData("/account/passkeys")]
    [InlineData("/account/passkeys/remove")]
    [InlineData("/account/recovery-codes")]
    [InlineData("/account/sign-in/code")]
    [InlineData("/account/sign-in/enrol")]
    [InlineData("/account/sign-in/passkey")]
    public async Task No_form_is_taken_from_another_origin(string path)
    {
        using var browser = await node.SignedInAsync(await node.AddAsync());
        browser.Fields["Origin"] = "https://evil.example";
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.PostAsync(path, ("all", "others"))).Status);
        Assert.NotNull(await node.Registry.FindAsync(browser.Session, CancellationToken.None));
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\/evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("https:evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("evil.example")]
    [InlineData("")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\r\nLocation: https://evil.example")]
    [InlineData("/ /evil.example")]
    [InlineData("/\u2028/evil.example")]
    [InlineData("/a#b")]
    [InlineData("/\"onload=\"x")]
    [InlineData("/account/sign-in?return=/x")]
    [InlineData("/account/sign-out")]
    [InlineData("long")]
    public async Task A_browser_is_led_nowhere_else(string wanted)
    {
        if (wanted == "long") wanted = "/" + new string('a', 4096);
        await node.AddAsync();
        using var browser = node.Browser();
        var answer = await browser.SignInAsync("ada", AccountNode.Password, ("return", wanted));
        Assert.Equal((HttpStatusCode.SeeOther, "/account"), (answer.Status, answer.Location));

        // The same for who is signed in already.
        Assert.Equal("/account", (await browser.GetAsync("/account/sign-in?return=" + Uri.EscapeDataString(wanted))).Location);
    }

    [Theory]
    [InlineData("/oauth/authorize?response_type=code&client_id=app&state=a%26b")]
    [InlineData("/app;v=1/x?y='z'&{}[]|^`")]
    [InlineData("/")]
    public async Task A_browser_is_led_back_by_a_page_of_its_own(string wanted)
    {
        await node.AddAsync();
        using var browser = node.Browser();
        var page = await browser.GetAsync("/account/sign-in?return=" + Uri.EscapeDataString(wanted));
        var answer = await browser.PostAsync("/account/sign-in", page, ("name", "ada"), ("password", AccountNode.Password));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("0;url=" + wanted, answer.Attribute("<meta http-equiv=\"refresh\" content"));
        Assert.True(browser.IsSignedIn);
    }

    [Fact]
    public async Task Two_session_cookies_count_as_none()
    {
        using var browser = await node.SignedInAsync(await node.AddAsync());
        browser.Cookies["a"] = $"1; {SessionCookie.Name}=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        Assert.StartsWith("/account/sign-in", (await browser.GetAsync("/account")).Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_was_disabled_meanwhile_is_signed_out()
    {
        var ada = await node.AddAsync();
        using var browser = await node.SignedInAsync(ada);
        node.People.Change(ada.Id, person => person with { IsDisabled = true });
        Assert.StartsWith("/account/sign-in", (await browser.GetAsync("/account")).Location, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/account/sign-in")).Status);
    }

    [Fact]
    public async Task What_is_typed_is_never_markup()
    {
        await node.AddAsync();
        using var browser = node.Browser();
        browser.Fields["User-Agent"] = "<script>alert(1)</script>";
        var answer = await browser.SignInAsync("\"><script>alert(1)</script>&'", "wrong", ("return", "/\"><script>"));
        Assert.DoesNotContain("<script>", answer.Body, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_field_twice_another_form_or_a_large_one_is_refused()
    {
        using var browser = node.Browser();
        browser.Fields["Accept"] = "application/json";
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("/account/sign-in", ("name", "ada"), ("name", "eve"), ("password", "x"))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.GetAsync("/account/sign-in?return=/a&return=/b")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.SendAsync(HttpMethod.Post, "/account/sign-in", new StringContent("{}", Encoding.UTF8, "application/json"))).Status);
        var large = new ByteArrayContent(new byte[64 * 1024]) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded") } };
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await browser.SendAsync(HttpMethod.Post, "/account/sign-in", large)).Status);
    }

    [Fact]
    public async Task Nothing_is_shown_or_taken_in_the_clear()
    {
        using var browser = node.Browser();
        browser.Fields["X-Forwarded-Proto"] = "http";
        browser.Fields["Accept"] = "application/json";
        Assert.Contains("tls.required", (await browser.GetAsync("/account/sign-in")).Body, StringComparison.Ordinal);
        Assert.Contains("tls.required", (await browser.SignInAsync()).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_signs_nobody_out_and_a_form_does()
    {
        var ada = await node.AddAsync();
        using var browser = await node.SignedInAsync(ada);
        var cookie = browser.Session;
        var sid = (await node.Registry.FindAsync(cookie, CancellationToken.None))!.Sid;
        var page = await browser.GetAsync("/account/sign-out");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.NotNull(await node.Registry.FindAsync(cookie, CancellationToken.None));

        var answer = await browser.PostAsync("/account/sign-out");
        Assert.Contains("signed out", answer.Body, StringComparison.Ordinal);
        Assert.False(browser.IsSignedIn);
        Assert.Null(await node.Registry.FindAsync(cookie, CancellationToken.None));
        Assert.Equal([(ada.Id, sid)], node.Recorded.EndedSessions);
        Assert.Equal((RevocationKind.Session, sid), (Assert.Single(node.Recorded.Revocations).Kind, node.Recorded.Revocations.First().Id));
        Assert.Contains(SecurityEventKind.SignedOut, node.Recorded.Kinds);
    }

    [Fact]
    public async Task A_sign_in_that_a_changed_password_overtook_comes_to_nothing()
    {
        var ada = await node.AddAsync(change: person => person with { RequiresMfa = false });
        var app = await node.AddAppAsync(ada);
        using var browser = node.Browser();
        await browser.SignInAsync();
        node.Clock.Advance(TimeSpan.FromSeconds(1));
        await node.Registry.EndAllAsync(ada.Id, null, CancellationToken.None);

        var answer = await browser.PostAsync("/account/sign-in/code", ("code", node.Code(app)));
        Assert.Equal(422, (int)answer.Status);
        Assert.False(browser.IsSignedIn);
    }

    [Fact]
    public async Task Fresh_means_that_the_password_comes_again_and_the_session_goes_on_under_a_new_id()
    {
        using var browser = await node.SignedInAsync(await node.AddAsync());
        var former = await node.Registry.FindAsync(browser.Session, CancellationToken.None);
        node.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal("/account", (await browser.GetAsync("/account/sign-in")).Location);

        var page = await browser.GetAsync("/account/sign-in?for=fresh&return=%2Faccount%2Fsessions");
        Assert.Contains("value=\"ada\"", page.Body, StringComparison.Ordinal);
        var answer = await browser.PostAsync("/account/sign-in", page, ("name", "ada"), ("password", AccountNode.Password));
        Assert.Equal("/account/sessions", answer.Location);

        var session = await node.Registry.FindAsync(browser.Session, CancellationToken.None);
        Assert.Equal((former!.Created, former.Sid), (session!.Created, session.Sid));
        Assert.NotEqual(former.Id, session.Id);
        Assert.True(node.Clock.GetUtcNow() - session.AuthenticatedAt < TimeSpan.FromSeconds(5));
        Assert.Contains(SecurityEventKind.SteppedUp, node.Recorded.Kinds);
    }

    [Fact]
    public async Task Somebody_else_s_credentials_do_not_step_a_session_up()
    {
        await node.AddAsync("eve");
        using var browser = await node.SignedInAsync(await node.AddAsync());
        var adas = browser.Session;
        await browser.SignInAsync("eve", AccountNode.Password, ("for", "fresh"));

        Assert.Null(await node.Registry.FindAsync(adas, CancellationToken.None));
        var eves = await node.Registry.FindAsync(browser.Session, CancellationToken.None);
        Assert.Equal((await node.People.FindByNameAsync("eve", CancellationToken.None))!.Id, eves!.Subject);
        Assert.DoesNotContain(SecurityEventKind.SteppedUp, node.Recorded.Kinds);
    }
}
