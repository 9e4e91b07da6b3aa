using System.Security.Cryptography;
using System.Text.Json;
using Portcullis.EndToEnd.Tests.Account;
using Portcullis.EndToEnd.Tests.Identity.OpenIdClient;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Identity;

/// <summary>What a certified client makes of the token service.</summary>
public sealed class OpenIdClientTests(OpenIdClientProgram program) : IClassFixture<OpenIdClientProgram>, IAsyncLifetime
{
    private Node node = null!;

    public async ValueTask InitializeAsync() => node = await Node.StartAsync(TokenNode.Configuration);

    public ValueTask DisposeAsync() => node.DisposeAsync();

    [Theory]
    [InlineData("basic")]
    [InlineData("post")]
    public async Task A_client_with_a_secret_gets_looks_at_and_revokes_tokens(string authentication)
    {
        var secret = await node.AddClientAsync("shop", "-p", "orders:read", "orders:write");

        var result = await program.ServeAsync(node, ("CLIENT_ID", "shop"), ("CLIENT_SECRET", secret!), ("CLIENT_AUTHENTICATION", authentication), ("SCOPE", "orders:read"));

        await AssertServedAsync(result, "shop", "orders:read");
    }

    [Fact]
    public async Task A_client_with_a_key_does_the_same_without_any_secret()
    {
        using var rsa = RSA.Create(2048);
        node.Write("public.pem", rsa.ExportSubjectPublicKeyInfoPem());
        var file = node.Write("private.pem", rsa.ExportPkcs8PrivateKeyPem());
        Assert.Null(await node.AddClientAsync("signer", "-p", "orders:read", "--key", "public.pem"));

        var result = await program.ServeAsync(node, ("CLIENT_ID", "signer"), ("KEY_FILE", file));

        await AssertServedAsync(result, "signer", "orders:read");
        Assert.Contains("private_key_jwt", result.GetProperty("metadata").GetProperty("token_endpoint_auth_methods_supported").EnumerateArray().Select(method => method.GetString()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_person_signs_in_to_a_client_by_a_browser_and_it_refreshes_until_it_revokes(bool isPublic)
    {
        await using var gateway = await AccountNode.StartAsync();
        var subject = await gateway.AddAsync("ada", "--display-name", "Ada Lovelace");
        await using var browser = await Chromium.StartAsync();

        // The client is at home where the gateway has no page: the browser stays on the address that it was sent to.
        var redirect = gateway.At("/client/cb").ToString();
        string[] kind = isPublic ? ["--public"] : [];
        var secret = await gateway.Node.AddClientAsync("web", ["--grant", "authorization_code", "refresh_token", "--redirect-uri", redirect, .. kind]);
        Assert.Equal(isPublic, secret is null);

        var result = await program.SignInAsync(
            gateway.Node,
            async address =>
            {
                await browser.GoAsync(address);
                Assert.StartsWith("/account/sign-in", await browser.PathAsync(), StringComparison.Ordinal);
                await browser.TypeAsync("#name", "ada");
                await browser.TypeAsync("#password", AccountNode.Password);
                await browser.PressAsync("form[action='/account/sign-in'] button");
                await Eventually.HoldsAsync(async () => (await browser.PathAsync()).StartsWith("/client/cb?code=", StringComparison.Ordinal), "the browser is sent back with a code");
                return gateway.At(await browser.PathAsync()).ToString();
            },
            ("ISSUER", gateway.At("/").GetLeftPart(UriPartial.Authority)), ("CLIENT_ID", "web"), ("CLIENT_SECRET", secret ?? string.Empty), ("REDIRECT_URI", redirect));

        var claims = result.GetProperty("claims");
        Assert.Equal(subject, claims.GetProperty("sub").GetString());
        Assert.Equal("web", claims.GetProperty("aud").GetString());
        Assert.Equal("pwd", claims.GetProperty("amr")[0].GetString());
        Assert.Equal("Ada Lovelace", result.GetProperty("userInfo").GetProperty("name").GetString());
        Assert.Equal("ada", result.GetProperty("userInfo").GetProperty("preferred_username").GetString());
        Assert.NotEqual(result.GetProperty("tokens").GetProperty("refresh_token").GetString(), result.GetProperty("refreshed").GetProperty("refresh_token").GetString());
        Assert.Equal("invalid_grant", result.GetProperty("ended").GetString());
    }

    private async Task AssertServedAsync(JsonElement result, string client, string scope)
    {
        var metadata = result.GetProperty("metadata");
        Assert.Equal(node.Issuer(), metadata.GetProperty("issuer").GetString());
        Assert.Equal(node.Issuer() + "/oauth/revoke", metadata.GetProperty("revocation_endpoint").GetString());
        Assert.Equal(scope, result.GetProperty("tokens").GetProperty("scope").GetString());
        Assert.True(result.GetProperty("before").GetProperty("active").GetBoolean());
        Assert.Equal((client, client), (result.GetProperty("before").GetProperty("sub").GetString(), result.GetProperty("before").GetProperty("client_id").GetString()));

        // Revoked is the one token, at once; of it nothing more is told.
        Assert.Equal("""{"active":false}""", result.GetProperty("after").GetRawText());
        Assert.True(result.GetProperty("other").GetProperty("active").GetBoolean());
        using var http = Node.CreateClient(System.Net.HttpVersion.Version20);
        Assert.False(await node.TakesAsync(http, result.GetProperty("revoked").GetString()!));
        Assert.True(await node.TakesAsync(http, result.GetProperty("valid").GetString()!));
    }
}
