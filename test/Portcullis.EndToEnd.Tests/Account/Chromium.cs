using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portcullis.EndToEnd.Tests.Account;

/// <summary>
/// A real browser without a screen, driven by the Chrome DevTools Protocol: one page, which a test reads and fills in as a person would. Its virtual authenticators are the
/// browser's own (WebAuthn level 2 §11).
/// </summary>
internal sealed class Chromium : IAsyncDisposable
{
    private readonly TemporaryDirectory profile = new();
    private readonly ClientWebSocket socket = new();
    private Process? process;
    private int lastId;

    private Chromium()
    {
    }

    /// <summary>Starts the browser with an empty page.</summary>
    public static async Task<Chromium> StartAsync()
    {
        var chromium = new Chromium();
        try
        {
            await chromium.OpenAsync(Requirement.Tool("chromium", "chromium"));
            return chromium;
        }
        catch
        {
            await chromium.DisposeAsync();
            throw;
        }
    }

    /// <summary>Goes to an address and waits until the page and what it leads on to are there.</summary>
    public async Task GoAsync(Uri address)
    {
        await MarkAsync();
        await SendAsync("Page.navigate", new JsonObject { ["url"] = address.ToString() });
        await LoadedAsync();
    }

    /// <summary>Presses what a selector finds, and waits for the page that follows.</summary>
    public async Task PressAsync(string selector)
    {
        await MarkAsync();
        await TouchAsync(selector);
        await LoadedAsync();
    }

    /// <summary>Presses what a selector finds.</summary>
    public async Task TouchAsync(string selector)
    {
        // As a person does: with the mouse, which also is the touch that passkeys wait for.
        var place = await EvaluateAsync($"(() => {{ const e = document.querySelector({Quote(selector)}); e.scrollIntoView({{ block: 'center' }}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()");
        foreach (var type in new[] { "mousePressed", "mouseReleased" })
            await SendAsync("Input.dispatchMouseEvent", new JsonObject { ["type"] = type, ["x"] = place[0].GetDouble(), ["y"] = place[1].GetDouble(), ["button"] = "left", ["clickCount"] = 1 });
    }

    /// <summary>Types into a field.</summary>
    public async Task TypeAsync(string selector, string text)
    {
        await EvaluateAsync($"(() => {{ const e = document.querySelector({Quote(selector)}); e.focus(); e.value = ''; return true; }})()");
        await SendAsync("Input.insertText", new JsonObject { ["text"] = text });
    }

    /// <summary>What a page's script would get.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        var result = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true });
        Assert.False(result.TryGetProperty("exceptionDetails", out var details), details.ToString());
        return result.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    public async Task<string> TextAsync(string selector = "main") => (await EvaluateAsync($"document.querySelector({Quote(selector)})?.innerText ?? ''")).GetString()!;

    public async Task<bool> HasAsync(string selector) => (await EvaluateAsync($"document.querySelector({Quote(selector)}) !== null")).GetBoolean();

    public async Task<string> PathAsync() => (await EvaluateAsync("location.pathname + location.search")).GetString()!;

    /// <summary>Plugs in an authenticator that checks its owner and keeps passkeys; returns its id.</summary>
    public async Task<string> AddAuthenticatorAsync()
    {
        await SendAsync("WebAuthn.enable", []);
        var options = new JsonObject { ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true };
        return (await SendAsync("WebAuthn.addVirtualAuthenticator", new JsonObject { ["options"] = options })).GetProperty("authenticatorId").GetString()!;
    }

    /// <summary>Whether an authenticator answers at once, as one whose owner has a finger on it. Browsers ask by themselves where a name is typed.</summary>
    public Task<JsonElement> SetPresenceAsync(string authenticator, bool isThere)
        => SendAsync("WebAuthn.setAutomaticPresenceSimulation", new JsonObject { ["authenticatorId"] = authenticator, ["enabled"] = isThere });

    public async Task<int> PasskeysAsync(string authenticator)
        => (await SendAsync("WebAuthn.getCredentials", new JsonObject { ["authenticatorId"] = authenticator })).GetProperty("credentials").GetArrayLength();

    /// <summary>Sends a command, and returns what came of it.</summary>
    public async Task<JsonElement> SendAsync(string method, JsonObject parameters)
    {
        var id = ++lastId;
        var command = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(command), WebSocketMessageType.Text, true, CancellationToken.None).WithPatience();
        while (true)
        {
            var message = await ReceiveAsync();
            if (!message.TryGetProperty("id", out var answered) || answered.GetInt32() != id) continue;
            Assert.False(message.TryGetProperty("error", out var error), $"{method}: {error}");
            return message.GetProperty("result");
        }
    }

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        if (process is not null)
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync().WithPatience();
            process.Dispose();
        }

        profile.Dispose();
    }

    /// <summary>Waits until the page of a path is there.</summary>
    public Task ReachesAsync(string path) => HoldsAsync($"location.pathname === {Quote(path)} && document.readyState === 'complete'", path + " is there");

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    private async Task OpenAsync(string program)
    {
        var start = new ProcessStartInfo(program, [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--ignore-certificate-errors", "--remote-debugging-port=0", "--user-data-dir=" + profile.Path, "about:blank",
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.OutputDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();

        // It writes its port to a file once it listens.
        var file = profile.At("DevToolsActivePort");
        var port = 0;
        await Eventually.HoldsAsync(async () => File.Exists(file) && int.TryParse((await File.ReadAllLinesAsync(file)).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out port), "the browser listens");
        using var http = new HttpClient();
        string? address = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                using var document = JsonDocument.Parse(await http.GetStringAsync($"http://127.0.0.1:{port}/json/list"));
                address = document.RootElement.EnumerateArray().Where(target => target.GetProperty("type").GetString() == "page").Select(target => target.GetProperty("webSocketDebuggerUrl").GetString()).FirstOrDefault();
                return address is not null;
            },
            "the browser has a page");
        await socket.ConnectAsync(new Uri(address!), CancellationToken.None).WithPatience();
        await SendAsync("Page.enable", []);
    }

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
                catch (Xunit.Sdk.FalseException)
                {
                    // Between two pages there is nothing that could be asked.
                    return false;
                }
            },
            what);

    private async Task<JsonElement> ReceiveAsync()
    {
        using var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, CancellationToken.None).WithPatience();
            Assert.NotEqual(WebSocketMessageType.Close, received.MessageType);
            message.Write(buffer, 0, received.Count);
            if (!received.EndOfMessage) continue;
            using var document = JsonDocument.Parse(message.ToArray());
            return document.RootElement.Clone();
        }
    }
}
