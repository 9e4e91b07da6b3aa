using System.Net;
using Portcullis.Control.Identity.Account;
using Portcullis.Control.Identity.People;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Trust.Keys;
using Portcullis.Trust.OneTimeCodes;

namespace Portcullis.Control.Tests.Identity.Account;

/// <summary>The step behind the password: codes, recovery codes, and setting up where there is nothing yet.</summary>
public sealed class SecondFactorTests : IAsyncLifetime
{
    private AccountNode node = null!;
    private Person ada = null!;
    private Secret app = null!;

    public async ValueTask InitializeAsync()
    {
        node = await AccountNode.StartAsync();
        ada = await node.AddAsync();
        app = await node.AddAppAsync(ada);
    }

    public ValueTask DisposeAsync() => node.DisposeAsync();

    [Fact]
    public async Task The_password_alone_gives_no_session()
    {
        using var browser = node.Browser();
        var answer = await browser.SignInAsync("ada", AccountNode.Password, ("return", "/app"));
        Assert.Equal("/account/sign-in/code?return=%2Fapp", answer.Location);
        Assert.False(browser.IsSignedIn);
        Assert.StartsWith("/account/sign-in", (await browser.GetAsync("/account")).Location, StringComparison.Ordinal);
        var cookie = Assert.Single(answer.SetCookies);
        Assert.StartsWith("__Host-portcullis-pending=", cookie, StringComparison.Ordinal);
        Assert.EndsWith("; Path=/; Secure; HttpOnly; SameSite=Strict", cookie, StringComparison.Ordinal);

        var page = await browser.GetAsync(answer.Location);
        Assert.Contains("autocomplete=\"one-time-code\"", page.Body, StringComparison.Ordinal);
        var done = await browser.PostAsync("/account/sign-in/code", page, ("code", node.Code(app)));
        Assert.Equal("0;url=/app", done.Attribute("<meta http-equiv=\"refresh\" content"));
        Assert.Equal(["pwd", "otp", "mfa"], (await node.Registry.FindAsync(browser.Session, CancellationToken.None))!.Methods);
        Assert.DoesNotContain(PendingSignIn.CookieName, browser.Cookies.Keys);
    }

    [Fact]
    public async Task A_code_counts_once_also_for_64_at_once()
    {
        var code = node.Code(app);
        var browsers = Enumerable.Range(0, 8).Select(_ => node.Browser()).ToList();
        foreach (var browser in browsers) await browser.SignInAsync();
        await Task.WhenAll(browsers.Select(browser => browser.PostAsync("/account/sign-in/code", ("code", code))));
        Assert.Single(browsers, browser => browser.IsSignedIn);
        foreach (var browser in browsers) browser.Dispose();

        // The database's part, with as many as may come.
        var step = node.Clock.GetUtcNow().ToUnixTimeSeconds() / Totp.Period + 10;
        var spent = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => node.Factors.TrySpendTotpAsync(ada.Id, step, CancellationToken.None))));
        Assert.Single(spent, isSpent => isSpent);
    }

    [Fact]
    public async Task A_replayed_code_is_refused_and_told()
    {
        var code = node.Code(app);
        using var first = await node.SignedInAsync(ada, app);
        using var second = node.Browser();
        await second.SignInAsync();
        Assert.Equal(422, (int)(await second.PostAsync("/account/sign-in/code", ("code", code))).Status);
        Assert.False(second.IsSignedIn);
        Assert.Contains(node.Recorded.Events, one => one.Kind == SecurityEventKind.OneTimeCodeReplayed && one.Subject == ada.Id);
    }

    [Fact]
    public async Task Codes_can_not_be_guessed()
    {
        using var browser = node.Browser();
        await browser.SignInAsync();
        for (var i = 0; i < 5; i++) Assert.Equal(422, (int)(await browser.PostAsync("/account/sign-in/code", ("code", "000000"))).Status);
        var answer = await browser.PostAsync("/account/sign-in/code", ("code", node.Code(app)));
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);
        Assert.True(answer.Fields.ContainsKey("Retry-After"));
        Assert.False(browser.IsSignedIn);

        // The password again gives no new attempts.
        using var other = node.Browser("198.51.100.7");
        await other.SignInAsync();
        Assert.Equal(HttpStatusCode.TooManyRequests, (await other.PostAsync("/account/sign-in/code", ("code", node.Code(app)))).Status);
    }

    [Fact]
    public async Task A_recovery_code_counts_once_and_a_typing_mistake_not_at_all()
    {
        var codes = RecoveryCodes.Generate();
        await node.Factors.ReplaceRecoveryCodesAsync(ada.Id, [.. codes.Select(code => code.Hash)], CancellationToken.None);
        var text = codes[3].Text.Reveal();
        using var browser = node.Browser();
        await browser.SignInAsync();
        for (var i = 0; i < 8; i++) Assert.Equal(422, (int)(await browser.PostAsync("/account/sign-in/code", ("recovery", text[..^1] + (text[^1] == 'Z' ? 'Y' : 'Z')))).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/account/sign-in/code", ("recovery", text.ToLowerInvariant().Replace('-', ' ')))).Status);
        Assert.Equal(["pwd", "mfa"], (await node.Registry.FindAsync(browser.Session, CancellationToken.None))!.Methods);
        Assert.Contains(SecurityEventKind.RecoveryCodeUsed, node.Recorded.Kinds);
        Assert.Equal(9, await node.Factors.CountRecoveryCodesAsync(ada.Id, CancellationToken.None));

        using var second = node.Browser();
        await second.SignInAsync();
        Assert.Equal(422, (int)(await second.PostAsync("/account/sign-in/code", ("recovery", text))).Status);
        Assert.False(second.IsSignedIn);
    }

    // WCAG 2.2, 3.3.1: the field that is wrong is told, and is where one goes on.
    [Fact]
    public async Task The_field_that_was_wrong_is_shown_and_is_the_one_to_fill_in()
    {
        await node.Factors.ReplaceRecoveryCodesAsync(ada.Id, [.. RecoveryCodes.Generate().Select(code => code.Hash)], CancellationToken.None);
        using var browser = node.Browser();
        await browser.SignInAsync();
        var wrongRecovery = (await browser.PostAsync("/account/sign-in/code", ("recovery", "wrong"))).Body;
        Assert.Contains("<details open>", wrongRecovery, StringComparison.Ordinal);
        Assert.Matches("<input id=\"recovery\"[^>]* aria-invalid=\"true\" aria-describedby=\"problem recovery-hint\" autofocus>", wrongRecovery);
        Assert.DoesNotMatch("<input id=\"code\"[^>]*(aria-invalid|autofocus)", wrongRecovery);

        var wrongCode = (await browser.PostAsync("/account/sign-in/code", ("code", "000000"))).Body;
        Assert.Contains("<details>", wrongCode, StringComparison.Ordinal);
        Assert.Matches("<input id=\"code\"[^>]*aria-invalid=\"true\"[^>]*autofocus", wrongCode);
        Assert.DoesNotMatch("<input id=\"recovery\"[^>]*(aria-invalid|autofocus)", wrongCode);
    }

    [Fact]
    public async Task A_pending_sign_in_ends_after_five_minutes()
    {
        using var browser = node.Browser();
        await browser.SignInAsync();
        node.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.StartsWith("/account/sign-in", (await browser.GetAsync("/account/sign-in/code")).Location, StringComparison.Ordinal);
        Assert.Equal(422, (int)(await browser.PostAsync("/account/sign-in/code", ("code", node.Code(app)))).Status);
        Assert.False(browser.IsSignedIn);
    }

    [Fact]
    public async Task A_pending_sign_in_comes_to_one_session()
    {
        using var browser = node.Browser();
        await browser.SignInAsync();
        var pending = browser.Cookies[PendingSignIn.CookieName];
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/account/sign-in/code", ("code", node.Code(app)))).Status);

        node.Clock.Advance(TimeSpan.FromSeconds(60));
        using var thief = node.Browser();
        thief.Cookies[PendingSignIn.CookieName] = pending;
        Assert.Equal(422, (int)(await thief.PostAsync("/account/sign-in/code", ("code", node.Code(app)))).Status);
        Assert.False(thief.IsSignedIn);
    }

    [Fact]
    public async Task What_is_no_pending_sign_in_is_none()
    {
        using var browser = node.Browser();
        await browser.SignInAsync();
        var pending = browser.Cookies[PendingSignIn.CookieName];
        foreach (var text in new[] { "", "x", pending[..^2], (pending[0] == 'A' ? 'B' : 'A') + pending[1..], new string('A', 2000), "=" })
        {
            browser.Cookies[PendingSignIn.CookieName] = text;
            Assert.StartsWith("/account/sign-in", (await browser.GetAsync("/account/sign-in/code")).Location, StringComparison.Ordinal);
        }

        // Nor is a device cookie, which is sealed by the same key.
        using var eve = await node.SignedInAsync(await node.AddAsync("eve"));
        browser.Cookies[PendingSignIn.CookieName] = eve.Cookies[KnownDevices.CookieName];
        Assert.StartsWith("/account/sign-in", (await browser.GetAsync("/account/sign-in/code")).Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_code_counts_as_proved_when_it_came()
    {
        using var browser = node.Browser();
        await browser.SignInAsync();
        node.Clock.Advance(TimeSpan.FromMinutes(4));
        await browser.PostAsync("/account/sign-in/code", ("code", node.Code(app)));
        var session = await node.Registry.FindAsync(browser.Session, CancellationToken.None);
        Assert.True(node.Clock.GetUtcNow() - session!.AuthenticatedAt < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Who_needs_a_factor_sets_one_up_before_there_is_a_session()
    {
        var root = await node.AddAsync("root", person => person with { RequiresMfa = true });
        using var browser = node.Browser();
        var answer = await browser.SignInAsync("root");
        Assert.Equal("/account/sign-in/enrol", answer.Location);
        Assert.False(browser.IsSignedIn);
        foreach (var path in new[] { "/account", "/account/sessions", "/account/mfa", "/account/mfa/app", "/account/passkeys", "/account/password", "/account/recovery-codes" })
            Assert.StartsWith("/account/sign-in", (await browser.GetAsync(path)).Location, StringComparison.Ordinal);

        var page = await browser.GetAsync(answer.Location);
        Assert.Contains("<svg", page.Body, StringComparison.Ordinal);
        var secret = SecretOf(page.Body);
        var wrong = await browser.PostAsync("/account/sign-in/enrol", page, ("code", "000000"));
        Assert.Equal(422, (int)wrong.Status);
        Assert.Equal(secret, SecretOf(wrong.Body));
        Assert.Null(await node.Factors.FindTotpAsync(root.Id, CancellationToken.None));

        var done = await browser.PostAsync("/account/sign-in/enrol", wrong, ("code", node.Code(Decode(secret))));
        Assert.Equal(HttpStatusCode.OK, done.Status);
        Assert.Equal(10, System.Text.RegularExpressions.Regex.Count(done.Body, "<li><code>[0-9A-Z-]{29}</code></li>", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)));
        Assert.Equal(["pwd", "otp", "mfa"], (await node.Registry.FindAsync(browser.Session, CancellationToken.None))!.Methods);
        Assert.Equal(10, await node.Factors.CountRecoveryCodesAsync(root.Id, CancellationToken.None));

        // The code that proved it is spent.
        using var second = node.Browser();
        await second.SignInAsync("root");
        Assert.Equal(422, (int)(await second.PostAsync("/account/sign-in/code", ("code", node.Code(Decode(secret))))).Status);
    }

    [Fact]
    public async Task A_password_alone_puts_no_factor_in_the_place_of_another()
    {
        var root = await node.AddAsync("root", person => person with { RequiresMfa = true });
        using var thief = node.Browser("198.51.100.1");
        var page = await thief.GetAsync((await thief.SignInAsync("root")).Location);
        var owners = await node.AddAppAsync(root);

        Assert.Equal(422, (int)(await thief.PostAsync("/account/sign-in/enrol", page, ("code", node.Code(Decode(SecretOf(page.Body)))))).Status);
        Assert.False(thief.IsSignedIn);
        Assert.True((await node.Factors.FindTotpAsync(root.Id, CancellationToken.None))!.Secret.Equals(owners));
        Assert.StartsWith("/account/sign-in", (await thief.GetAsync("/account/sign-in/enrol")).Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nor_does_it_where_both_come_at_once()
    {
        var root = await node.AddAsync("root", person => person with { RequiresMfa = true });
        using var thief = node.Browser("198.51.100.1");
        var page = await thief.GetAsync((await thief.SignInAsync("root")).Location);
        node.Factors.IsTakenMeanwhile = true;
        var answer = await thief.PostAsync("/account/sign-in/enrol", page, ("code", node.Code(Decode(SecretOf(page.Body)))));
        Assert.Equal(422, (int)answer.Status);
        Assert.Contains("meanwhile", answer.Body, StringComparison.Ordinal);
        Assert.False(thief.IsSignedIn);
        Assert.Null(await node.Factors.FindTotpAsync(root.Id, CancellationToken.None));
    }

    [Fact]
    public async Task A_secret_that_was_sealed_for_another_sign_in_is_refused()
    {
        await node.AddAsync("root", person => person with { RequiresMfa = true });
        await node.AddAsync("eve", person => person with { RequiresMfa = true });
        using var eve = node.Browser("198.51.100.1");
        var eves = await eve.GetAsync((await eve.SignInAsync("eve")).Location);
        using var root = node.Browser();
        await root.SignInAsync("root");
        var answer = await root.PostAsync("/account/sign-in/enrol", ("secret", eves.Hidden("/account/sign-in/enrol").Single(field => field.Name == "secret").Value), ("code", node.Code(Decode(SecretOf(eves.Body)))));
        Assert.Equal(422, (int)answer.Status);
        Assert.False(root.IsSignedIn);
    }

    [Fact]
    public async Task Who_is_asked_for_a_factor_and_has_none_sets_one_up()
    {
        var bob = await node.AddAsync("bob");
        using var browser = await node.SignedInAsync(bob);
        var page = await browser.GetAsync("/account/sign-in?for=factor&return=%2Fadmin");
        var answer = await browser.PostAsync("/account/sign-in", page, ("name", "bob"), ("password", AccountNode.Password));
        Assert.Equal("/account/sign-in/enrol?for=factor&return=%2Fadmin", answer.Location);
        var enrol = await browser.GetAsync(answer.Location);
        await browser.PostAsync("/account/sign-in/enrol", enrol, ("code", node.Code(Decode(SecretOf(enrol.Body)))));
        Assert.Contains("mfa", (await node.Registry.FindAsync(browser.Session, CancellationToken.None))!.Methods);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/account/sign-in?for=factor&return=%2Fadmin")).Status);
    }

    [Fact]
    public async Task A_session_without_a_factor_is_none_for_who_needs_one_now()
    {
        var bob = await node.AddAsync("bob");
        using var browser = await node.SignedInAsync(bob);
        node.People.Change(bob.Id, person => person with { RequiresMfa = true });
        Assert.Equal("/account/sign-in?for=factor", (await browser.GetAsync("/account")).Location);
    }

    [Fact]
    public async Task Who_holds_a_role_that_needs_a_factor_is_like_who_was_added_so()
    {
        var root = await node.AddAsync("root");
        var bob = await node.AddAsync("bob");
        (node.Held[root.Id], node.Held[bob.Id]) = (["reader", "administrator"], ["reader"]);
        using var browser = node.Browser();
        var page = await browser.GetAsync((await browser.SignInAsync("root")).Location);
        await browser.PostAsync("/account/sign-in/enrol", page, ("code", node.Code(Decode(SecretOf(page.Body)))));
        Assert.Equal(["pwd", "otp", "mfa"], (await node.Registry.FindAsync(browser.Session, CancellationToken.None))!.Methods);
        Assert.Contains("Your account needs one", (await browser.GetAsync("/account/mfa")).Body, StringComparison.Ordinal);
        var answer = await browser.PostAsync("/account/mfa/app/remove");
        Assert.Equal(422, (int)answer.Status);
        Assert.NotNull(await node.Factors.FindTotpAsync(root.Id, CancellationToken.None));

        // Who holds none signs in by the password alone, until they are granted one.
        using var other = await node.SignedInAsync(bob);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/account")).Status);
        node.Held[bob.Id] = ["administrator"];
        Assert.Equal("/account/sign-in?for=factor", (await other.GetAsync("/account")).Location);
        node.Roles.Publish(RoleSet.Empty, []);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/account")).Status);
    }

    internal static string SecretOf(string page) => System.Text.RegularExpressions.Regex.Match(page, "<p class=\"key\"><code>([A-Z2-7 ]+)</code>", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Groups[1].Value;

    internal static Secret Decode(string text)
    {
        var bytes = new byte[Totp.SecretSize];
        Assert.True(Base32.Rfc4648.TryDecode(System.Text.Encoding.ASCII.GetBytes(text.Replace(" ", string.Empty, StringComparison.Ordinal)), bytes));
        return Secret.FromBytes(bytes);
    }
}
