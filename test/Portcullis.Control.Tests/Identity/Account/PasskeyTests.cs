using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using Portcullis.Control.Identity.Account;
using Portcullis.Control.Identity.People;
using Portcullis.Gateway.Identity.Events;
using Answer = Portcullis.Control.Tests.Identity.Account.Browser.Answer;

namespace Portcullis.Control.Tests.Identity.Account;

/// <summary>Passkeys: added, used instead of a password and behind one, and every way to use one wrongly.</summary>
public sealed class PasskeyTests : IAsyncLifetime
{
    private readonly TestAuthenticator authenticator = new();
    private AccountNode node = null!;
    private Person ada = null!;

    public async ValueTask InitializeAsync()
    {
        node = await AccountNode.StartAsync();
        ada = await node.AddAsync();
    }

    public async ValueTask DisposeAsync()
    {
        authenticator.Dispose();
        await node.DisposeAsync();
    }

    [Fact]
    public async Task A_passkey_is_added_and_signs_in_without_a_name()
    {
        using var browser = await node.SignedInAsync(ada);
        var page = await browser.GetAsync("/account/passkeys");
        var options = Options(page);
        Assert.Equal("issuer.example", options.GetProperty("rp").GetProperty("id").GetString());
        Assert.Equal([-7, -257], options.GetProperty("pubKeyCredParams").EnumerateArray().Select(one => one.GetProperty("alg").GetInt32()));
        Assert.Equal("required", options.GetProperty("authenticatorSelection").GetProperty("userVerification").GetString());
        var added = await AddAsync(browser, authenticator, page, "Ada's <key>");
        Assert.Contains("Recovery codes", added.Body, StringComparison.Ordinal);
        Assert.Contains("Ada&#x27;s &lt;key&gt;", (await browser.GetAsync("/account/passkeys")).Body, StringComparison.Ordinal);
        Assert.Contains("mfa", (await node.Registry.FindAsync(browser.Session, CancellationToken.None))!.Methods);

        using var other = node.Browser();
        var answer = await UseAsync(other, authenticator, await other.GetAsync("/account/sign-in?return=%2Fapp"));
        Assert.Equal("0;url=/app", answer.Attribute("<meta http-equiv=\"refresh\" content"));
        Assert.Equal(["swk", "user", "mfa"], (await node.Registry.FindAsync(other.Session, CancellationToken.None))!.Methods);
        Assert.True(other.Cookies.ContainsKey(KnownDevices.CookieName));
    }

    [Fact]
    public async Task A_passkey_is_the_second_factor_behind_a_password()
    {
        await RegisterAsync();
        authenticator.Flags = 0b0000_0101;
        using var browser = node.Browser();
        var answer = await browser.SignInAsync();
        Assert.Equal("/account/sign-in/code", answer.Location);
        var page = await browser.GetAsync(answer.Location);
        Assert.Single(Options(page).GetProperty("allowCredentials").EnumerateArray());
        Assert.DoesNotContain("one-time-code", page.Body, StringComparison.Ordinal);

        // Behind a password authenticators need not tell whose they are.
        authenticator.UserHandle = null;
        Assert.Equal(HttpStatusCode.SeeOther, (await UseAsync(browser, authenticator, page)).Status);
        Assert.Equal(["pwd", "hwk", "user", "mfa"], (await node.Registry.FindAsync(browser.Session, CancellationToken.None))!.Methods);
    }

    [Fact]
    public async Task An_answer_counts_once_also_for_many_at_once()
    {
        await RegisterAsync();
        using var browser = node.Browser();
        var page = await browser.GetAsync("/account/sign-in");
        var fields = Answered(authenticator, page);
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            using var one = node.Browser($"192.0.2.{i}");
            await one.PostAsync("/account/sign-in/passkey", fields);
            return one.IsSignedIn;
        }));
        Assert.Single(answers, isIn => isIn);
    }

    [Theory]
    [InlineData("unknown credential")]
    [InlineData("another's handle")]
    [InlineData("no handle")]
    [InlineData("another origin")]
    [InlineData("another party")]
    [InlineData("not verified")]
    [InlineData("another challenge")]
    [InlineData("a challenge for adding")]
    [InlineData("late")]
    [InlineData("disabled")]
    [InlineData("another key")]
    [InlineData("no base64")]
    public async Task Every_wrong_use_gets_one_answer(string wrong)
    {
        await RegisterAsync();
        using var browser = node.Browser();
        var page = await browser.GetAsync("/account/sign-in");
        var used = authenticator;
        using var other = new TestAuthenticator { CredentialId = authenticator.CredentialId, UserHandle = authenticator.UserHandle };
        switch (wrong)
        {
            case "unknown credential": authenticator.CredentialId = [1, 2, 3]; break;
            case "another's handle": authenticator.UserHandle = Encoding.ASCII.GetBytes((await node.AddAsync("eve")).Id); break;
            case "no handle": authenticator.UserHandle = null; break;
            case "another origin": authenticator.Origin = "https://evil.example"; break;
            case "another party": authenticator.RelyingParty = "evil.example"; break;
            case "not verified": authenticator.Flags = 0b0001_1001; break;
            case "disabled": node.People.Change(ada.Id, person => person with { IsDisabled = true }); break;
            case "another key": used = other; break;
        }

        var fields = Answered(used, page);
        if (wrong == "another challenge") fields = [.. fields.Where(field => field.Name != "challenge"), .. (await browser.GetAsync("/account/sign-in")).Hidden("/account/sign-in/passkey").Where(field => field.Name == "challenge")];
        if (wrong == "no base64") fields = [.. fields.Where(field => field.Name != "signature"), ("signature", "*")];
        if (wrong == "late") node.Clock.Advance(TimeSpan.FromMinutes(5));
        if (wrong == "a challenge for adding")
        {
            using var signedIn = await SignedInByPasskeyAsync();
            fields = [.. fields.Where(field => field.Name != "challenge"), .. (await signedIn.GetAsync("/account/passkeys")).Hidden("/account/passkeys").Where(field => field.Name == "challenge")];
        }

        var written = node.Answered.Count;
        var answer = await browser.PostAsync("/account/sign-in/passkey", fields);
        Assert.Equal(written, node.Answered.Count);
        Assert.Equal(422, (int)answer.Status);
        Assert.Contains("That passkey can&#x27;t be used", answer.Body, StringComparison.Ordinal);
        Assert.False(browser.IsSignedIn);
        Assert.Contains(SecurityEventKind.SignInFailed, node.Recorded.Kinds);
    }

    [Fact]
    public async Task A_counter_that_does_not_grow_signs_nobody_in_and_is_told()
    {
        authenticator.SignCount = 5;
        await RegisterAsync();
        authenticator.SignCount = 6;
        using (var browser = node.Browser()) Assert.Equal(HttpStatusCode.SeeOther, (await UseAsync(browser, authenticator, await browser.GetAsync("/account/sign-in"))).Status);
        using var clone = node.Browser();
        Assert.Equal(422, (int)(await UseAsync(clone, authenticator, await clone.GetAsync("/account/sign-in"))).Status);
        Assert.Contains(node.Recorded.Events, one => one.Kind == SecurityEventKind.PasskeyCounterStuck && one.Subject == ada.Id);
    }

    [Fact]
    public async Task Somebody_else_s_passkey_is_no_second_factor()
    {
        await RegisterAsync();
        var eve = await node.AddAsync("eve");
        using var eves = new TestAuthenticator();
        using (var browser = await node.SignedInAsync(eve)) await AddAsync(browser, eves, await browser.GetAsync("/account/passkeys"), "eve's");
        using var thief = node.Browser();
        await thief.SignInAsync("ada");
        Assert.Equal(422, (int)(await UseAsync(thief, eves, await thief.GetAsync("/account/sign-in/code"))).Status);
        Assert.False(thief.IsSignedIn);
    }

    [Fact]
    public async Task A_pending_sign_in_gives_no_attempts_back_for_a_passkey_that_comes_again_and_again()
    {
        await RegisterAsync();
        using var browser = node.Browser();
        await browser.SignInAsync();
        var pending = browser.Cookies[PendingSignIn.CookieName];
        Assert.Equal(HttpStatusCode.SeeOther, (await UseAsync(browser, authenticator, await browser.GetAsync("/account/sign-in/code"))).Status);
        browser.Cookies[PendingSignIn.CookieName] = pending;
        Assert.Equal(422, (int)(await UseAsync(browser, authenticator, await browser.GetAsync("/account/sign-in/code"))).Status);
    }

    [Fact]
    public async Task An_answer_for_one_session_adds_nothing_in_another()
    {
        using var adas = await node.SignedInAsync(ada);
        using var eves = await node.SignedInAsync(await node.AddAsync("eve"));
        var page = await adas.GetAsync("/account/passkeys");
        var (client, attestation) = authenticator.Create(Challenge(page));
        var answer = await eves.PostAsync("/account/passkeys", page, ("label", "x"), ("client", Base64Url.EncodeToString(client)), ("attestation", Base64Url.EncodeToString(attestation)));
        Assert.Equal(422, (int)answer.Status);
        Assert.Null(await node.Factors.FindAsync(authenticator.CredentialId, CancellationToken.None));
    }

    [Fact]
    public async Task A_credential_that_somebody_has_is_not_added_again()
    {
        await RegisterAsync();
        using var eves = await node.SignedInAsync(await node.AddAsync("eve"));
        Assert.Equal(422, (int)(await AddAsync(eves, authenticator, await eves.GetAsync("/account/passkeys"), "mine now")).Status);
        Assert.Equal(ada.Id, (await node.Factors.FindAsync(authenticator.CredentialId, CancellationToken.None))!.Subject);
    }

    [Fact]
    public async Task A_passkey_is_removed_by_its_owner_alone()
    {
        await RegisterAsync();
        var id = Base64Url.EncodeToString(authenticator.CredentialId);
        using var eves = await node.SignedInAsync(await node.AddAsync("eve"));
        await eves.PostAsync("/account/passkeys/remove", ("id", id));
        Assert.NotNull(await node.Factors.FindAsync(authenticator.CredentialId, CancellationToken.None));

        using var browser = await SignedInByPasskeyAsync();
        Assert.Equal("/account/passkeys", (await browser.PostAsync("/account/passkeys/remove", ("id", id))).Location);
        Assert.Null(await node.Factors.FindAsync(authenticator.CredentialId, CancellationToken.None));
        Assert.Equal(0, await node.Factors.CountRecoveryCodesAsync(ada.Id, CancellationToken.None));
    }

    [Fact]
    public async Task Passkeys_are_not_offered_at_another_origin_than_the_issuer_s()
    {
        await RegisterAsync();
        using var browser = node.Browser();
        browser.Fields["Host"] = "other.example";
        browser.Fields["Origin"] = "https://other.example";
        var page = await browser.GetAsync("/account/sign-in");
        Assert.DoesNotContain("data-passkey", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src", page.Fields["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.PostAsync("/account/sign-in/passkey", ("id", "AAAA"))).Status);
        Assert.Equal("/account/sign-in/code", (await browser.SignInAsync()).Location);
    }

    [Fact]
    public async Task A_name_that_was_merely_typed_tells_nothing_of_passkeys()
    {
        await RegisterAsync();
        using var browser = node.Browser();
        var answer = await browser.SignInAsync("ada", "wrong");
        Assert.Empty(Options(answer).GetProperty("allowCredentials").EnumerateArray());
    }

    private static JsonElement Options(Answer page)
    {
        using var document = JsonDocument.Parse(page.Attribute("data-options"));
        return document.RootElement.Clone();
    }

    private static byte[] Challenge(Answer page) => Base64Url.DecodeFromChars(Options(page).GetProperty("challenge").GetString());

    private static Task<Answer> AddAsync(Browser browser, TestAuthenticator authenticator, Answer page, string label)
    {
        authenticator.UserHandle = Base64Url.DecodeFromChars(Options(page).GetProperty("user").GetProperty("id").GetString());
        var (client, attestation) = authenticator.Create(Challenge(page));
        return browser.PostAsync("/account/passkeys", page, ("label", label), ("client", Base64Url.EncodeToString(client)), ("attestation", Base64Url.EncodeToString(attestation)));
    }

    private static (string Name, string Value)[] Answered(TestAuthenticator authenticator, Answer page)
    {
        var use = authenticator.Use(Challenge(page));
        (string Name, string Value)[] fields =
        [
            ("id", Base64Url.EncodeToString(authenticator.CredentialId)), ("client", Base64Url.EncodeToString(use.Client)), ("authenticator", Base64Url.EncodeToString(use.Authenticator)),
            ("signature", Base64Url.EncodeToString(use.Signature)), ("user", Base64Url.EncodeToString(authenticator.UserHandle ?? [])),
        ];
        return [.. fields, .. page.Hidden("/account/sign-in/passkey").Where(hidden => !fields.Any(field => field.Name == hidden.Name))];
    }

    private static Task<Answer> UseAsync(Browser browser, TestAuthenticator authenticator, Answer page) => browser.PostAsync("/account/sign-in/passkey", Answered(authenticator, page));

    private async Task RegisterAsync()
    {
        using var browser = await node.SignedInAsync(ada);
        Assert.Equal(HttpStatusCode.OK, (await AddAsync(browser, authenticator, await browser.GetAsync("/account/passkeys"), "key")).Status);
    }

    private async Task<Browser> SignedInByPasskeyAsync()
    {
        var browser = node.Browser("203.0.113.50");
        await UseAsync(browser, authenticator, await browser.GetAsync("/account/sign-in"));
        Assert.True(browser.IsSignedIn);
        return browser;
    }
}
