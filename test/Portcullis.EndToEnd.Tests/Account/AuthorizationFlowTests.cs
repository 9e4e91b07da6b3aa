using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;
using Microsoft.AspNetCore.Http;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Account;

/// <summary>An application that sends people to the gateway to sign in, and gets tokens for them: a browser, the pages, the authorization endpoint, the database.</summary>
public sealed class AuthorizationFlowTests : IAsyncLifetime
{
    private const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    private TestUpstream application = null!;

    public async ValueTask InitializeAsync() => application = await TestUpstream.StartAsync(context => context.Response.WriteAsync("<!doctype html><title>app</title><p id=app>back in the application</p>"));

    public ValueTask DisposeAsync() => application.DisposeAsync();

    [Fact]
    public async Task A_person_signs_in_on_the_way_and_the_application_gets_tokens_that_tell_it()
    {
        var redirect = application.Url + "/cb";
        await using var gateway = await AccountNode.StartAsync();
        var ada = await gateway.AddAsync("ada");
        await gateway.RunAsync(
            string.Empty, "client", "add", "app", "--config", gateway.Node.ConfigurationFile, "--public", "-p", "orders:read", "--grant", "authorization_code", "refresh_token", "--redirect-uri", redirect);
        await using var browser = await Chromium.StartAsync();

        // 1. Not signed in: the form, and from there back to the application on another origin, which form-action alone would forbid.
        await browser.GoAsync(Authorize(gateway, redirect));
        Assert.StartsWith("/account/sign-in", await browser.PathAsync(), StringComparison.Ordinal);
        await browser.TypeAsync("#name", "ada");
        await browser.TypeAsync("#password", AccountNode.Password);
        await browser.PressAsync("form[action='/account/sign-in'] button");
        Assert.Equal("back in the application", await browser.TextAsync("#app"));
        var tokens = await RedeemAsync(gateway, redirect, await browser.PathAsync());
        var claims = Claims(tokens.GetProperty("id_token").GetString()!);
        Assert.Equal(ada, claims.GetProperty("sub").GetString());
        Assert.Equal(["pwd"], claims.GetProperty("amr").EnumerateArray().Select(one => one.GetString()));

        // 2. Signed in: straight through, and the same session.
        await browser.GoAsync(Authorize(gateway, redirect));
        Assert.Equal("back in the application", await browser.TextAsync("#app"));
        var sid = Claims((await RedeemAsync(gateway, redirect, await browser.PathAsync())).GetProperty("id_token").GetString()!).GetProperty("sid").GetString();
        Assert.Equal(claims.GetProperty("sid").GetString(), sid);

        // 3. A changed password ends what the application has.
        await browser.GoAsync(gateway.At("/account/password"));
        foreach (var (field, text) in new[] { ("#present", AccountNode.Password), ("#new", "eleven purple harbours"), ("#again", "eleven purple harbours") }) await browser.TypeAsync(field, text);
        await browser.PressAsync("form[action='/account/password'] button");
        var (status, body) = await PostAsync(gateway, ("grant_type", "refresh_token"), ("refresh_token", tokens.GetProperty("refresh_token").GetString()!), ("client_id", "app"));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (status, body.GetProperty("error").GetString()));
    }

    private static Uri Authorize(AccountNode gateway, string redirect)
    {
        var challenge = Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return gateway.At($"/oauth/authorize?response_type=code&client_id=app&redirect_uri={Uri.EscapeDataString(redirect)}&scope=openid&state=s%26t&code_challenge={challenge}&code_challenge_method=S256");
    }

    private static async Task<JsonElement> RedeemAsync(AccountNode gateway, string redirect, string path)
    {
        var answer = HttpUtility.ParseQueryString(path[path.IndexOf('?', StringComparison.Ordinal)..]);
        Assert.Equal("s&t", answer["state"]);
        var (status, body) = await PostAsync(gateway, ("grant_type", "authorization_code"), ("code", answer["code"]!), ("redirect_uri", redirect), ("code_verifier", Verifier), ("client_id", "app"));
        Assert.True(status == HttpStatusCode.OK, body.ToString());
        return body;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(AccountNode gateway, params (string Name, string Value)[] fields)
    {
        using var http = Node.CreateClient(HttpVersion.Version11);
        using var response = await http.PostAsync(gateway.At("/oauth/token"), new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return (response.StatusCode, document.RootElement.Clone());
    }

    private static JsonElement Claims(string token)
    {
        using var document = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]));
        return document.RootElement.Clone();
    }
}
