namespace Portcullis.EndToEnd.Tests.Account;

/// <summary>People, a real browser and the real program: signing in with every factor there is.</summary>
public sealed class AccountFlowTests
{
    [Fact]
    public async Task An_administrator_sets_up_an_app_at_the_first_sign_in_and_uses_it_at_the_next()
    {
        await using var gateway = await AccountNode.StartAsync();
        await gateway.AddAsync("root", "--require-mfa");
        await using var browser = await Chromium.StartAsync();

        await SignInAsync(gateway, browser, "root");
        Assert.Equal("/account/sign-in/enrol", await browser.PathAsync());
        var secret = (await browser.EvaluateAsync("document.querySelector('.key code').textContent")).GetString()!;
        var code = await AccountNode.CodeAsync(secret);
        await browser.TypeAsync("#code", code);
        await browser.PressAsync("form[action='/account/sign-in/enrol'] button");
        Assert.Equal(10, (await browser.EvaluateAsync("document.querySelectorAll('.codes code').length")).GetInt32());
        var recovery = (await browser.EvaluateAsync("document.querySelector('.codes code').textContent")).GetString()!;
        await browser.PressAsync("a.button");
        Assert.Contains("10 left", await browser.TextAsync(), StringComparison.Ordinal);

        // The same again, with the app.
        await SignOutAsync(browser);
        await SignInAsync(gateway, browser, "root");
        Assert.Equal("/account/sign-in/code", await browser.PathAsync());
        await browser.TypeAsync("#code", code);
        await browser.PressAsync("form[action='/account/sign-in/code'] button");
        Assert.Contains("not right", await browser.TextAsync("[role=alert]"), StringComparison.Ordinal);
        await browser.TypeAsync("#code", await AccountNode.NextCodeAsync(secret, code));
        await browser.PressAsync("form[action='/account/sign-in/code'] button");
        Assert.Equal("/account", await browser.PathAsync());

        // And with a recovery code in its place.
        await SignOutAsync(browser);
        await SignInAsync(gateway, browser, "root");
        await browser.TouchAsync("summary");
        await browser.TypeAsync("#recovery", recovery.ToLowerInvariant());
        await browser.PressAsync("details button");
        Assert.Contains("9 left", await browser.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_was_handed_out_is_replaced_behind_the_second_factor_and_without_a_script()
    {
        await using var gateway = await AccountNode.StartAsync("roles: { root: { mfa: required, permissions: [admin:users] } }");
        await gateway.RunAsync(AccountNode.Password, "user", "add", "root", "--role", "root", "--password-stdin", "--config", gateway.Node.ConfigurationFile);
        await using var browser = await Chromium.StartAsync(scripts: false);

        await SignInAsync(gateway, browser, "root");
        Assert.Equal("/account/sign-in/enrol", await browser.PathAsync());
        await browser.TouchAsync("summary");
        await browser.TypeAsync("#code", await AccountNode.CodeAsync(await browser.TextAsync(".key code")));
        await browser.PressAsync("form[action='/account/sign-in/enrol'] button");
        Assert.True(await browser.HasAsync(".codes code"));
        await browser.PressAsync("a.button");
        Assert.Equal("/account/sign-in/password", await browser.PathAsync());
        await browser.TypeAsync("#new", AccountNode.Password);
        await browser.TypeAsync("#again", AccountNode.Password);
        await browser.PressAsync("form[action='/account/sign-in/password'] button");
        Assert.Contains("Choose another one", await browser.TextAsync("[role=alert]"), StringComparison.Ordinal);
        await browser.TypeAsync("#new", "nine purple lanterns");
        await browser.TypeAsync("#again", "nine purple lanterns");
        await browser.PressAsync("form[action='/account/sign-in/password'] button");
        Assert.Equal("/account", await browser.PathAsync());
        Assert.Contains("Signed in as root", await browser.TextAsync("header"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_passkey_is_added_and_signs_in_alone_and_behind_a_password()
    {
        await using var gateway = await AccountNode.StartAsync();
        await gateway.AddAsync("ada", "--display-name", "Ada Lovelace");
        await using var browser = await Chromium.StartAsync();
        var authenticator = await browser.AddAuthenticatorAsync();

        await SignInAsync(gateway, browser, "ada");
        Assert.Contains("Ada Lovelace", await browser.TextAsync(), StringComparison.Ordinal);
        await browser.GoAsync(gateway.At("/account/passkeys"));
        await browser.TypeAsync("#label", "Laptop");
        await browser.PressAsync("form[data-passkey=create] button");
        Assert.Contains("Recovery codes", await browser.TextAsync("h1"), StringComparison.Ordinal);
        Assert.Equal(1, await browser.PasskeysAsync(authenticator));

        // Behind the password.
        await SignOutAsync(browser);
        await browser.SetPresenceAsync(authenticator, isThere: false);
        await SignInAsync(gateway, browser, "ada");
        Assert.Equal("/account/sign-in/code", await browser.PathAsync());
        await browser.SetPresenceAsync(authenticator, isThere: true);
        await browser.PressAsync("form[data-passkey=get] button");
        Assert.Equal("/account", await browser.PathAsync());

        // Alone, without a name: the browser offers it by itself where one would be typed.
        await SignOutAsync(browser);
        await browser.GoAsync(gateway.At("/account/sign-in?return=%2Faccount%2Fsessions"));
        await browser.ReachesAsync("/account/sessions");

        // By the button, where nobody answered the offer.
        await browser.SetPresenceAsync(authenticator, isThere: false);
        await SignOutAsync(browser);
        await browser.GoAsync(gateway.At("/account/sign-in"));
        await browser.SetPresenceAsync(authenticator, isThere: true);
        await browser.TouchAsync("form[data-passkey=get] button");
        await browser.ReachesAsync("/account");
        Assert.Contains("Laptop", await TextAtAsync(gateway, browser, "/account/passkeys"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_script_everything_but_passkeys_works()
    {
        await using var gateway = await AccountNode.StartAsync();
        await gateway.AddAsync("ada");
        await using var browser = await Chromium.StartAsync(scripts: false);

        await SignInAsync(gateway, browser, "ada");
        Assert.Equal("/account", await browser.PathAsync());
        await browser.GoAsync(gateway.At("/account/password"));
        foreach (var (field, text) in new[] { ("#present", AccountNode.Password), ("#new", "eleven purple harbours"), ("#again", "eleven purple harbours") }) await browser.TypeAsync(field, text);
        await browser.PressAsync("form[action='/account/password'] button");
        Assert.Contains("is changed", await browser.TextAsync("[role=status]"), StringComparison.Ordinal);
        await SignOutAsync(browser);
        await SignInAsync(gateway, browser, "ada");
        Assert.Contains("don't fit together", await browser.TextAsync("[role=alert]"), StringComparison.Ordinal);
    }

    private static async Task SignInAsync(AccountNode gateway, Chromium browser, string name)
    {
        await browser.GoAsync(gateway.At("/account/sign-in"));
        await browser.TypeAsync("#name", name);
        await browser.TypeAsync("#password", AccountNode.Password);
        await browser.PressAsync("form[action='/account/sign-in'] button");
    }

    private static Task SignOutAsync(Chromium browser) => browser.PressAsync("form.out button");

    private static async Task<string> TextAtAsync(AccountNode gateway, Chromium browser, string path)
    {
        await browser.GoAsync(gateway.At(path));
        return await browser.TextAsync();
    }
}
