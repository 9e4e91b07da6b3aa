using System.Net;
using Portcullis.Control.Identity.Account;
using Portcullis.Control.Identity.People;
using Portcullis.Gateway.Identity.Events;

namespace Portcullis.Control.Tests.Identity.Account;

/// <summary>A password that an operator set is changed before there is a session.</summary>
public sealed class TemporaryPasswordTests : IAsyncLifetime
{
    private const string Path = "/account/sign-in/password";
    private const string Own = "nine purple lanterns";

    private AccountNode node = null!;
    private Person ada = null!;

    public async ValueTask InitializeAsync()
    {
        node = await AccountNode.StartAsync();
        ada = await node.AddAsync(change: Temporary);
    }

    public ValueTask DisposeAsync() => node.DisposeAsync();

    [Fact]
    public async Task Signing_in_leads_to_a_password_of_ones_own_and_only_then_to_a_session()
    {
        using var browser = node.Browser();
        var answer = await browser.SignInAsync("ada", AccountNode.Password, ("return", "/app"));
        Assert.Equal(Path + "?return=%2Fapp", answer.Location);
        Assert.False(browser.IsSignedIn);
        Assert.StartsWith("/account/sign-in", (await browser.GetAsync("/account")).Location, StringComparison.Ordinal);

        var page = await browser.GetAsync(answer.Location);
        Assert.Equal(2, System.Text.RegularExpressions.Regex.Count(page.Body, "autocomplete=\"new-password\"", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)));
        Assert.DoesNotContain("<script", page.Body, StringComparison.Ordinal);
        Assert.Equal("no-store", page.Fields["Cache-Control"]);
        Assert.Contains("default-src 'none'", page.Fields["Content-Security-Policy"], StringComparison.Ordinal);

        var done = await browser.PostAsync(Path, page, ("new", Own), ("again", Own));
        Assert.Equal("0;url=/app", done.Attribute("<meta http-equiv=\"refresh\" content"));
        Assert.True(browser.IsSignedIn);
        Assert.DoesNotContain(PendingSignIn.CookieName, browser.Cookies.Keys);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/account")).Status);
        Assert.Null(node.People[ada.Id].PasswordTemporaryUntil);
        Assert.Contains(SecurityEventKind.PasswordChanged, node.Recorded.Kinds);
        Assert.Contains(ada.Id, node.Recorded.EndedGrants);

        // The one that was given is worth nothing, the new one asks for nothing.
        using var other = node.Browser();
        Assert.Equal(422, (int)(await other.SignInAsync()).Status);
        Assert.Equal("/account", (await other.SignInAsync("ada", Own)).Location);
        Assert.True(other.IsSignedIn);
    }

    [Theory]
    [InlineData(AccountNode.Password, AccountNode.Password, "the password that you were given")]
    [InlineData(Own, "nine purple lantern", "two different")]
    [InlineData("short", "short", "12")]
    [InlineData("", "", "12")]
    [InlineData("issuer.example", "issuer.example", "")]
    public async Task A_password_that_is_no_better_is_refused_and_the_page_stays(string typed, string again, string told)
    {
        using var browser = node.Browser();
        var page = await browser.GetAsync((await browser.SignInAsync()).Location);
        var answer = await browser.PostAsync(Path, page, ("new", typed), ("again", again));
        Assert.Equal(422, (int)answer.Status);
        Assert.Contains(told, answer.Body, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("aria-invalid=\"true\"", answer.Body, StringComparison.Ordinal);
        Assert.False(browser.IsSignedIn);
        Assert.NotNull(node.People[ada.Id].PasswordTemporaryUntil);
        await browser.PostAsync(Path, answer, ("new", Own), ("again", Own));
        Assert.True(browser.IsSignedIn);
    }

    [Fact]
    public async Task The_second_factor_comes_first()
    {
        var app = await node.AddAppAsync(ada);
        using var browser = node.Browser();
        Assert.StartsWith("/account/sign-in/code", (await browser.SignInAsync()).Location, StringComparison.Ordinal);
        Assert.StartsWith("/account/sign-in", (await browser.GetAsync(Path)).Location, StringComparison.Ordinal);
        Assert.Equal(422, (int)(await browser.PostAsync(Path, ("new", Own), ("again", Own))).Status);
        Assert.NotNull(node.People[ada.Id].PasswordTemporaryUntil);

        await browser.SignInAsync();
        Assert.Equal(Path, (await browser.PostAsync("/account/sign-in/code", ("code", node.Code(app)))).Location);
        Assert.False(browser.IsSignedIn);
        await browser.PostAsync(Path, ("new", Own), ("again", Own));
        Assert.Equal(["pwd", "otp", "mfa"], (await node.Registry.FindAsync(browser.Session, CancellationToken.None))!.Methods);
    }

    [Fact]
    public async Task Who_enrols_first_sees_the_recovery_codes_and_then_the_password_page()
    {
        var root = await node.AddAsync("root", person => Temporary(person) with { RequiresMfa = true });
        using var browser = node.Browser();
        var page = await browser.GetAsync((await browser.SignInAsync("root")).Location);
        var secret = SecondFactorTests.Decode(SecondFactorTests.SecretOf(page.Body));
        var codes = await browser.PostAsync("/account/sign-in/enrol", page, ("code", node.Code(secret)));
        Assert.Contains("<ol class=\"codes\"", codes.Body, StringComparison.Ordinal);
        Assert.Contains($"href=\"{Path}\"", codes.Body, StringComparison.Ordinal);
        Assert.False(browser.IsSignedIn);
        Assert.Equal(10, await node.Factors.CountRecoveryCodesAsync(root.Id, CancellationToken.None));

        await browser.PostAsync(Path, await browser.GetAsync(Path), ("new", Own), ("again", Own));
        Assert.Contains("mfa", (await node.Registry.FindAsync(browser.Session, CancellationToken.None))!.Methods);
        Assert.Equal(10, await node.Factors.CountRecoveryCodesAsync(root.Id, CancellationToken.None));
    }

    [Fact]
    public async Task After_its_time_it_signs_nobody_in_and_says_so_to_who_has_it_alone()
    {
        node.Clock.Advance(TimeSpan.FromDays(7));
        using var browser = node.Browser();
        var answer = await browser.SignInAsync();
        Assert.Equal(422, (int)answer.Status);
        Assert.Contains("its time is over", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(PendingSignIn.CookieName, browser.Cookies.Keys);
        Assert.DoesNotContain("its time is over", (await browser.SignInAsync("ada", "another wrong one")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_in_that_waits_does_not_replace_a_password_that_was_set_meanwhile()
    {
        using var thief = node.Browser("198.51.100.1");
        var page = await thief.GetAsync((await thief.SignInAsync()).Location);
        node.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(await node.People.TrySetPasswordAsync(ada.Id, null, "$another", node.Clock.GetUtcNow().AddDays(7), CancellationToken.None));

        Assert.Equal(422, (int)(await thief.PostAsync(Path, page, ("new", Own), ("again", Own))).Status);
        Assert.False(thief.IsSignedIn);
        Assert.Equal("$another", node.People[ada.Id].PasswordHash);
    }

    [Fact]
    public async Task Of_two_who_have_it_one_sets_a_password_and_the_other_gets_nothing()
    {
        var browsers = Enumerable.Range(0, 8).Select(_ => node.Browser()).ToList();
        foreach (var browser in browsers.Take(4)) await browser.SignInAsync();

        // And one sign-in that waits, in several windows.
        foreach (var browser in browsers.Skip(4)) browser.Cookies[PendingSignIn.CookieName] = browsers[0].Cookies[PendingSignIn.CookieName];
        await Task.WhenAll(browsers.Select((browser, i) => browser.PostAsync(Path, ("new", $"{Own} {i}"), ("again", $"{Own} {i}"))));
        var winner = Assert.Single(browsers, browser => browser.IsSignedIn);
        using var again = node.Browser();
        await again.SignInAsync("ada", $"{Own} {browsers.IndexOf(winner)}");
        Assert.True(again.IsSignedIn);
        foreach (var browser in browsers) browser.Dispose();
    }

    [Fact]
    public async Task Without_a_sign_in_that_waits_there_is_nothing_to_set()
    {
        using var browser = node.Browser();
        Assert.StartsWith("/account/sign-in", (await browser.GetAsync(Path)).Location, StringComparison.Ordinal);
        Assert.Equal(422, (int)(await browser.PostAsync(Path, ("new", Own), ("again", Own))).Status);

        // Nor for who has a password of their own, or was disabled meanwhile.
        await node.AddAsync("bob");
        await node.AddAsync("eve", Temporary);
        using var bob = await node.SignedInAsync(node.People[(await node.People.FindByNameAsync("bob", CancellationToken.None))!.Id]);
        Assert.StartsWith("/account/sign-in", (await bob.GetAsync(Path)).Location, StringComparison.Ordinal);
        using var eve = node.Browser();
        await eve.SignInAsync("eve");
        var person = (await node.People.FindByNameAsync("eve", CancellationToken.None))!;
        node.People.Change(person.Id, one => one with { IsDisabled = true });
        Assert.Equal(422, (int)(await eve.PostAsync(Path, ("new", Own), ("again", Own))).Status);
        Assert.NotNull(node.People[person.Id].PasswordTemporaryUntil);
    }

    [Fact]
    public async Task Too_late_is_too_late()
    {
        using var browser = node.Browser();
        var page = await browser.GetAsync((await browser.SignInAsync()).Location);
        node.Clock.Advance(PendingSignIn.EnrolmentLife);
        Assert.Equal(422, (int)(await browser.PostAsync(Path, page, ("new", Own), ("again", Own))).Status);
        Assert.NotNull(node.People[ada.Id].PasswordTemporaryUntil);
    }

    [Fact]
    public async Task All_other_sessions_end_with_the_change()
    {
        var bob = await node.AddAsync("bob");
        using var former = await node.SignedInAsync(bob);
        node.People.Change(bob.Id, Temporary);
        using var browser = node.Browser();
        await browser.SignInAsync("bob");
        await browser.PostAsync(Path, ("new", Own), ("again", Own));
        Assert.True(browser.IsSignedIn);
        Assert.Null(await node.Registry.FindAsync(former.Session, CancellationToken.None));
        Assert.NotNull(await node.Registry.FindAsync(browser.Session, CancellationToken.None));
    }

    private Person Temporary(Person person) => person with { PasswordTemporaryUntil = node.Clock.GetUtcNow().AddDays(7) };
}
