using System.Security.Cryptography;
using System.Text.Json;
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

        var result = await program.DriveAsync(node, "service", ("CLIENT_ID", "shop"), ("CLIENT_SECRET", secret!), ("CLIENT_AUTHENTICATION", authentication), ("SCOPE", "orders:read"));

        await AssertServedAsync(result, "shop", "orders:read");
    }

    [Fact]
    public async Task A_client_with_a_key_does_the_same_without_any_secret()
    {
        using var rsa = RSA.Create(2048);
        node.Write("public.pem", rsa.ExportSubjectPublicKeyInfoPem());
        var file = node.Write("private.pem", rsa.ExportPkcs8PrivateKeyPem());
        Assert.Null(await node.AddClientAsync("signer", "-p", "orders:read", "--key", "public.pem"));

        var result = await program.DriveAsync(node, "service", ("CLIENT_ID", "signer"), ("KEY_FILE", file));

        await AssertServedAsync(result, "signer", "orders:read");
        Assert.Contains("private_key_jwt", result.GetProperty("metadata").GetProperty("token_endpoint_auth_methods_supported").EnumerateArray().Select(method => method.GetString()));
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
