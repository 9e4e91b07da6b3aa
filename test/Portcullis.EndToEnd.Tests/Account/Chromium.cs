using System.Text.Json;
using Microsoft.Playwright;

namespace Portcullis.EndToEnd.Tests.Account;

/// <summary>
/// A real browser without a screen, driven by Playwright: one page, which a test reads and fills in as a person would. Its virtual authenticators are the
/// browser's own (WebAuthn level 2 §11).
/// </summary>
internal sealed class Chromium : IAsyncDisposable
{
    private readonly IPlaywright playwright;
    private readonly IBrowser browser;
    private readonly ICDPSession session;

    private Chromium(IPlaywright playwright, IBrowser browser, IPage page, ICDPSession session)
    {
        (this.playwright, this.browser, this.session) = (playwright, browser, session);
        Page = page;
    }

    public IPage Page { get; }

    /// <summary>Starts the system's browser with an empty page, of which <paramref name="scripts"/> run or not.</summary>
    public static async Task<Chromium> StartAsync(bool scripts = true)
    {
        var program = Requirement.Tool("chromium", "chromium");
        var playwright = await Playwright.CreateAsync();
        try
        {
            var patience = (float)Eventually.Patience.TotalMilliseconds;
            var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--disable-gpu"], ChromiumSandbox = false, Timeout = patience });
            var context = await browser.NewContextAsync(new() { IgnoreHTTPSErrors = true, JavaScriptEnabled = scripts });
            context.SetDefaultTimeout(patience);
            var page = await context.NewPageAsync();
            return new Chromium(playwright, browser, page, await context.NewCDPSessionAsync(page));
        }
        catch
        {
            playwright.Dispose();
            throw;
        }
    }

    /// <summary>Goes to an address and waits until the page and what it leads on to are there.</summary>
    public async Task GoAsync(Uri address)
    {
        await MarkAsync();
        await Page.GotoAsync(address.ToString());
        await LoadedAsync();
    }

    /// <summary>Presses what a selector finds, and waits for the page that follows.</summary>
    public async Task PressAsync(string selector)
    {
        await MarkAsync();
        await TouchAsync(selector);
        await LoadedAsync();
    }

    /// <summary>Presses what a selector finds, with the mouse, which also is the touch that passkeys wait for.</summary>
    public Task TouchAsync(string selector) => Page.ClickAsync(selector);

    /// <summary>Types into a field.</summary>
    public Task TypeAsync(string selector, string text) => Page.FillAsync(selector, text);

    /// <summary>What a page's script would get.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression) => await Page.EvaluateAsync(expression) ?? default;

    public async Task<string> TextAsync(string selector = "main") => await Page.InnerTextAsync(selector);

    public async Task<bool> HasAsync(string selector) => await Page.Locator(selector).CountAsync() > 0;

    public Task<string> PathAsync() => Task.FromResult(new Uri(Page.Url).PathAndQuery);

    /// <summary>Plugs in an authenticator that checks its owner and keeps passkeys; returns its id.</summary>
    public async Task<string> AddAuthenticatorAsync()
    {
        await session.SendAsync("WebAuthn.enable");
        var options = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["protocol"] = "ctap2",
            ["transport"] = "internal",
            ["hasResidentKey"] = true,
            ["hasUserVerification"] = true,
            ["isUserVerified"] = true,
            ["automaticPresenceSimulation"] = true,
        };
        return (await SendAsync("WebAuthn.addVirtualAuthenticator", ("options", options))).GetProperty("authenticatorId").GetString()!;
    }

    /// <summary>Whether an authenticator answers at once, as one whose owner has a finger on it. Browsers ask by themselves where a name is typed.</summary>
    public Task SetPresenceAsync(string authenticator, bool isThere) => SendAsync("WebAuthn.setAutomaticPresenceSimulation", ("authenticatorId", authenticator), ("enabled", isThere));

    public async Task<int> PasskeysAsync(string authenticator) => (await SendAsync("WebAuthn.getCredentials", ("authenticatorId", authenticator))).GetProperty("credentials").GetArrayLength();

    /// <summary>Waits until the page of a path is there.</summary>
    public Task ReachesAsync(string path) => HoldsAsync($"location.pathname === {JsonSerializer.Serialize(path)} && document.readyState === 'complete'", path + " is there");

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }

    private async Task<JsonElement> SendAsync(string method, params (string Name, object Value)[] parameters)
        => await session.SendAsync(method, parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value, StringComparer.Ordinal)) ?? default;

    // Left on the page that is to go, so that the next one is told from it.
    private Task<JsonElement> MarkAsync() => EvaluateAsync("window.former = true");

    private Task LoadedAsync()
        => HoldsAsync("window.former !== true && document.readyState === 'complete' && document.querySelector('meta[http-equiv=refresh]') === null", "the next page is there");

    private async Task HoldsAsync(string expression, string what)
        => await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    return (await EvaluateAsync(expression)).ValueKind == JsonValueKind.True;
                }
                catch (PlaywrightException)
                {
                    // Between two pages there is nothing that could be asked.
                    return false;
                }
            },
            what);
}
