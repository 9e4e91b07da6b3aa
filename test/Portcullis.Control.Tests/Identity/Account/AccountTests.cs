using System.Net;
using Portcullis.Control.Identity.Account;
using Portcullis.Control.Identity.People;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.Revocations;

namespace Portcullis.Control.Tests.Identity.Account;

/// <summary>What people do with their account once they are signed in.</summary>
public sealed class AccountTests : IAsyncLifetime
{
    private const string New = "eleven purple harbours";

    private AccountNode node = null!;

    public async ValueTask InitializeAsync() => node = await AccountNode.StartAsync();

    public ValueTask DisposeAsync() => node.DisposeAsync();

    [Theory]
    [InlineData("/account")]
    [InlineData("/account/sign-in?for=fresh")]
    [InlineData("/account/sign-out")]
    [InlineData("/account/sessions")]
    [InlineData("/account/mfa")]
    [InlineData("/account/mfa/app")]
    [InlineData("/account/passkeys")]
    [InlineData("/account/recovery-codes")]
    [InlineData("/account/password")]
    public async Task Every_page_is_kept_by_nobody_framed_by_nobody_and_loads_nothing_of_others(string path)
    {
        using var browser = await node.SignedInAsync(await node.AddAsync(change: person => person with { DisplayName = "<i>Ada</i> & \u202Eevil" }));
        var page = await browser.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal("no-store", page.Fields["Cache-Control"]);
        Assert.Equal("DENY", page.Fields["X-Frame-Options"]);
        Assert.Equal("nosniff", page.Fields["X-Content-Type-Options"]);
        Assert.Equal("same-origin", page.Fields["Referrer-Policy"]);
        Assert.Equal("same-origin", page.Fields["Cross-Origin-Opener-Policy"]);
        Assert.Equal("text/html; charset=utf-8", page.Fields["Content-Type"]);
        var policy = page.Fields["Content-Security-Policy"];
        foreach (var part in new[] { "default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'" }) Assert.Contains(part, policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.NotEqual(policy, (await browser.GetAsync(path)).Fields["Content-Security-Policy"]);

        // Nothing inline, and a label or name for all that is filled in or pressed.
        Assert.DoesNotMatch(" style=| on[a-z]+=|<style|<script>|javascript:|<i>", page.Body);
        foreach (System.Text.RegularExpressions.Match input in System.Text.RegularExpressions.Regex.Matches(page.Body, "<input id=\"([^\"]*)\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)))
            Assert.Contains($"<label for=\"{input.Groups[1].Value}\">", page.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Assets_are_kept_for_ever_under_the_hash_of_their_content()
    {
        using var browser = node.Browser();
        var page = await browser.GetAsync("/account/sign-in");
        var path = page.Attribute("<link rel=\"stylesheet\" href");
        var style = await browser.GetAsync(path);
        Assert.Equal("text/css; charset=utf-8", style.Fields["Content-Type"]);
        Assert.Contains("immutable", style.Fields["Cache-Control"], StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(style.Body)).AsSpan(0, 8)), path, StringComparison.Ordinal);
        Assert.Contains("navigator.credentials", (await browser.GetAsync(page.Attribute("<script src"))).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sessions_are_listed_and_ended_by_their_owner_alone()
    {
        var ada = await node.AddAsync();
        using var here = await node.SignedInAsync(ada);
        using var there = node.Browser("198.51.100.20");
        there.Fields["User-Agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1 <b>";
        await there.SignInAsync();
        using var eve = await node.SignedInAsync(await node.AddAsync("eve"));

        var page = await here.GetAsync("/account/sessions");
        Assert.Contains("Safari on iPhone", page.Body, StringComparison.Ordinal);
        Assert.Contains("198.51.100.20", page.Body, StringComparison.Ordinal);
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(page.Body, "this one", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)));

        // By who owns it, not by who knows its id.
        var id = page.Hidden("/account/sessions/end").First(field => field.Name == "session").Value;
        await eve.PostAsync("/account/sessions/end", ("session", id));
        Assert.Equal(HttpStatusCode.OK, (await there.GetAsync("/account")).Status);
        await here.PostAsync("/account/sessions/end", ("session", id));
        Assert.Equal(HttpStatusCode.SeeOther, (await there.GetAsync("/account")).Status);
        Assert.Equal(HttpStatusCode.OK, (await here.GetAsync("/account")).Status);
        Assert.Contains(SecurityEventKind.SessionEnded, node.Recorded.Kinds);
        var gone = Assert.Single(node.Recorded.EndedSessions);
        Assert.Equal(ada.Id, gone.Subject);
        Assert.Equal((RevocationKind.Session, gone.Sid), (Assert.Single(node.Recorded.Revocations).Kind, node.Recorded.Revocations.First().Id));
    }

    [Fact]
    public async Task All_others_end_and_this_one_goes_on()
    {
        var ada = await node.AddAsync();
        using var here = await node.SignedInAsync(ada);
        using var there = await node.SignedInAsync(ada);
        using var eve = await node.SignedInAsync(await node.AddAsync("eve"));
        var sid = (await node.Registry.FindAsync(there.Session, CancellationToken.None))!.Sid;
        await here.PostAsync("/account/sessions/end", ("all", "others"));
        Assert.Equal([(ada.Id, sid)], node.Recorded.EndedSessions);
        Assert.Equal(HttpStatusCode.OK, (await here.GetAsync("/account")).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await there.GetAsync("/account")).Status);
        Assert.Equal(HttpStatusCode.OK, (await eve.GetAsync("/account")).Status);
    }

    [Theory]
    [InlineData("wrong", New, New, "present password is not right")]
    [InlineData(AccountNode.Password, New, New + "x", "two different")]
    [InlineData(AccountNode.Password, "short", "short", "too short")]
    [InlineData(AccountNode.Password, "password12345", "password12345", "Many people")]
    [InlineData(AccountNode.Password, "ada@issuer.example", "ada@issuer.example", "little more than")]
    public async Task A_new_password_is_judged_and_the_present_one_checked(string present, string first, string second, string said)
    {
        var ada = await node.AddAsync();
        using var browser = await node.SignedInAsync(ada);
        var answer = await browser.PostAsync("/account/password", ("present", present), ("new", first), ("again", second));
        Assert.Equal(422, (int)answer.Status);
        Assert.Contains(said, answer.Body, StringComparison.Ordinal);
        Assert.Equal(ada.PasswordHash, node.People[ada.Id].PasswordHash);
        Assert.DoesNotContain(first.Length > 8 ? first : "\u0000", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_password_ends_everything_else()
    {
        var ada = await node.AddAsync();
        using var here = await node.SignedInAsync(ada);
        using var there = await node.SignedInAsync(ada);
        var former = here.Session;
        node.Clock.Advance(TimeSpan.FromSeconds(1));
        var answer = await here.PostAsync("/account/password", ("present", AccountNode.Password), ("new", New), ("again", New));
        Assert.Equal("/account/password?changed", answer.Location);

        Assert.NotEqual(former, here.Session);
        Assert.Null(await node.Registry.FindAsync(former, CancellationToken.None));
        Assert.Contains("is changed", (await here.GetAsync(answer.Location)).Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await there.GetAsync("/account")).Status);
        Assert.Equal([ada.Id], node.Recorded.EndedGrants);
        Assert.Contains(SecurityEventKind.PasswordChanged, node.Recorded.Kinds);

        using var again = node.Browser();
        Assert.Equal(422, (int)(await again.SignInAsync()).Status);
        Assert.Equal(HttpStatusCode.SeeOther, (await again.SignInAsync("ada", New)).Status);
    }

    [Fact]
    public async Task The_present_password_can_not_be_guessed_in_a_browser_that_was_left_open()
    {
        using var browser = await node.SignedInAsync(await node.AddAsync());
        HttpStatusCode last = default;
        for (var i = 0; i < 12; i++) last = (await browser.PostAsync("/account/password", ("present", "wrong"), ("new", New), ("again", New))).Status;
        Assert.Equal(HttpStatusCode.TooManyRequests, last);
    }

    [Fact]
    public async Task An_app_is_set_up_later_and_ends_all_other_sessions()
    {
        var ada = await node.AddAsync();
        using var here = await node.SignedInAsync(ada);
        using var there = await node.SignedInAsync(ada);
        var page = await here.GetAsync("/account/mfa/app");
        node.Clock.Advance(TimeSpan.FromSeconds(1));
        var codes = await here.PostAsync("/account/mfa/app", page, ("code", node.Code(SecondFactorTests.Decode(SecondFactorTests.SecretOf(page.Body)))));
        Assert.Contains("Recovery codes", codes.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await there.GetAsync("/account")).Status);
        Assert.Contains("mfa", (await node.Registry.FindAsync(here.Session, CancellationToken.None))!.Methods);
        Assert.Contains(SecurityEventKind.FactorAdded, node.Recorded.Kinds);
    }

    [Theory]
    [InlineData("/account/mfa/app", true)]
    [InlineData("/account/mfa/app/remove", false)]
    [InlineData("/account/passkeys", false)]
    [InlineData("/account/passkeys/remove", false)]
    [InlineData("/account/recovery-codes", false)]
    public async Task Factors_are_changed_by_who_proved_a_moment_ago_who_they_are(string path, bool alsoToSee)
    {
        var ada = await node.AddAsync();
        var app = await node.AddAppAsync(ada);
        using var browser = await node.SignedInAsync(ada, app);
        node.Clock.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        Assert.StartsWith("/account/sign-in?for=fresh", (await browser.PostAsync(path, ("id", "AAAA"))).Location, StringComparison.Ordinal);
        if (alsoToSee) Assert.StartsWith("/account/sign-in?for=fresh", (await browser.GetAsync(path)).Location, StringComparison.Ordinal);
        Assert.NotNull(await node.Factors.FindTotpAsync(ada.Id, CancellationToken.None));
        Assert.Equal(0, await node.Factors.CountRecoveryCodesAsync(ada.Id, CancellationToken.None));
    }

    [Fact]
    public async Task Who_has_a_factor_changes_it_with_that_factor_and_not_with_the_password()
    {
        var ada = await node.AddAsync();
        using var thief = await node.SignedInAsync(ada);
        var app = await node.AddAppAsync(ada);
        Assert.StartsWith("/account/sign-in?for=fresh", (await thief.PostAsync("/account/mfa/app/remove")).Location, StringComparison.Ordinal);

        using var owner = await node.SignedInAsync(ada, app);
        Assert.Equal("/account/mfa", (await owner.PostAsync("/account/mfa/app/remove")).Location);
        Assert.Null(await node.Factors.FindTotpAsync(ada.Id, CancellationToken.None));
        Assert.Contains(SecurityEventKind.FactorRemoved, node.Recorded.Kinds);
        Assert.Equal(HttpStatusCode.SeeOther, (await thief.GetAsync("/account")).Status);
    }

    [Fact]
    public async Task The_last_factor_of_who_needs_one_stays()
    {
        var root = await node.AddAsync("root", person => person with { RequiresMfa = true });
        var app = await node.AddAppAsync(root);
        using var browser = await node.SignedInAsync(root, app);
        var answer = await browser.PostAsync("/account/mfa/app/remove");
        Assert.Equal(422, (int)answer.Status);
        Assert.Contains("Add another one", answer.Body, StringComparison.Ordinal);
        Assert.NotNull(await node.Factors.FindTotpAsync(root.Id, CancellationToken.None));
    }

    [Fact]
    public async Task New_recovery_codes_are_shown_once_and_end_the_former_ones()
    {
        var ada = await node.AddAsync();
        var app = await node.AddAppAsync(ada);
        using var browser = await node.SignedInAsync(ada, app);
        var first = await browser.PostAsync("/account/recovery-codes");
        var code = System.Text.RegularExpressions.Regex.Match(first.Body, "<li><code>([^<]*)", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Groups[1].Value;
        Assert.Equal("no-store", first.Fields["Cache-Control"]);
        Assert.DoesNotContain(code, (await browser.GetAsync("/account/recovery-codes")).Body, StringComparison.Ordinal);
        await browser.PostAsync("/account/recovery-codes");

        using var other = node.Browser();
        await other.SignInAsync();
        Assert.Equal(422, (int)(await other.PostAsync("/account/sign-in/code", ("recovery", code))).Status);
    }

    [Fact]
    public async Task Recovery_codes_are_for_who_has_a_factor()
    {
        using var browser = await node.SignedInAsync(await node.AddAsync());
        Assert.Equal("/account/recovery-codes", (await browser.PostAsync("/account/recovery-codes")).Location);
    }

    [Fact]
    public void A_value_in_a_page_is_encoded_or_refused()
    {
        var hostile = "\"><img src=x onerror=alert(1)>'&";
        var text = Control.Identity.Account.Markup.Html.Of($"""<a title="{hostile}">{hostile}</a>""").ToString();
        Assert.Equal("<a title=\"&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&#x27;&amp;\">&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&#x27;&amp;</a>", text);
        Assert.Throws<InvalidOperationException>(() => Control.Identity.Account.Markup.Html.Of($"<a title={hostile}>"));
    }
}
