using System.Net;
using System.Text.Json;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Identity;

[Collection(nameof(SharedNodeTests))]
public sealed class ClientsOfARunningNodeTests(SharedNode shared)
{
    private static readonly TimeSpan ASecond = TimeSpan.FromSeconds(1);

    private readonly Node node = shared.Node;

    [Fact]
    public async Task A_client_is_known_within_a_second_of_being_added_and_gone_within_one_of_being_disabled()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await node.StatusAsync(node.Plain("/closed")));
        Assert.Equal(HttpStatusCode.Unauthorized, (await TokenAsync("clerk", "guess")).Status);

        var (code, output, _) = await GatewayProcess.RunAsync(node.Directory, "client", "add", "clerk", "--permission", "orders:read", "--data", "data", "--output", "json");
        Assert.Equal(0, code);
        using var added = JsonDocument.Parse(output);
        var secret = added.RootElement.GetProperty("secret").GetString()!;

        string? token = null;
        await WithinASecondAsync(async () => (token = (await TokenAsync("clerk", secret)).Token) is not null);
        using (var allowed = await node.GetAsync(node.Plain("/closed"), ("Authorization", "Bearer " + token)))
        {
            Assert.Equal("GET /closed", await allowed.Content.ReadAsStringAsync());
        }

        (code, output, _) = await GatewayProcess.RunAsync(node.Directory, "client", "list", "--data", "data");
        Assert.Equal(0, code);
        Assert.Contains("clerk  orders:read", output.Split('\n'));

        Assert.Equal(0, (await GatewayProcess.RunAsync(node.Directory, "client", "disable", "clerk", "--data", "data")).Code);
        await WithinASecondAsync(async () => (await TokenAsync("clerk", secret)).Status == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_disabled_client_gets_tokens_again_once_it_is_enabled()
    {
        var (_, output, _) = await GatewayProcess.RunAsync(node.Directory, "client", "add", "returner", "--permission", "orders:read", "--data", "data", "--output", "json");
        using var added = JsonDocument.Parse(output);
        var secret = added.RootElement.GetProperty("secret").GetString()!;
        Assert.Equal(0, (await GatewayProcess.RunAsync(node.Directory, "client", "disable", "returner", "--data", "data")).Code);
        await Eventually.HoldsAsync(async () => (await TokenAsync("returner", secret)).Status == HttpStatusCode.Unauthorized, "it is disabled");

        var (code, _, error) = await GatewayProcess.RunAsync(node.Directory, "client", "enable", "returner", "--data", "data");

        Assert.Equal((0, string.Empty), (code, error));
        await Eventually.HoldsAsync(async () => (await TokenAsync("returner", secret)).Token is not null, "it gets a token again");

        // Whoever is enabled stays so.
        Assert.Equal(0, (await GatewayProcess.RunAsync(node.Directory, "client", "enable", "returner", "--data", "data")).Code);
        Assert.NotNull((await TokenAsync("returner", secret)).Token);
    }

    [Fact]
    public async Task The_list_as_json_has_every_client_and_no_secret()
    {
        var (_, output, _) = await GatewayProcess.RunAsync(node.Directory, "client", "add", "listed", "-p", "orders:read", "-p", "orders:write", "--data", "data", "--output", "json");
        using var added = JsonDocument.Parse(output);
        await GatewayProcess.RunAsync(node.Directory, "client", "add", "listed.off", "--data", "data");
        await GatewayProcess.RunAsync(node.Directory, "client", "disable", "listed.off", "--data", "data");

        (var code, output, _) = await GatewayProcess.RunAsync(node.Directory, "client", "list", "--data", "data", "--output", "json");

        Assert.Equal(0, code);
        Assert.DoesNotContain("\"secret\":", output, StringComparison.Ordinal);
        Assert.DoesNotContain(added.RootElement.GetProperty("secret").GetString()!, output, StringComparison.Ordinal);
        using var list = JsonDocument.Parse(output);
        var byId = list.RootElement.EnumerateArray().ToDictionary(client => client.GetProperty("id").GetString()!, client => client.GetRawText(), StringComparer.Ordinal);
        Assert.Equal("""{"id":"listed","permissions":["orders:read","orders:write"],"disabled":false,"authentication":"secret","grants":["client_credentials"]}""", byId["listed"]);
        Assert.Equal("""{"id":"listed.off","permissions":[],"disabled":true,"authentication":"secret","grants":["client_credentials"]}""", byId["listed.off"]);
    }

    [Fact]
    public async Task Verbs_about_clients_refuse_what_cannot_be()
    {
        foreach (var verb in (string[])["disable", "enable"])
        {
            var (code, _, error) = await GatewayProcess.RunAsync(node.Directory, "client", verb, "nobody", "--data", "data");
            Assert.Equal((1, "error: there is no client nobody\n  hint: portcullis client list shows them"), (code, error.TrimEnd()));
        }

        Assert.Equal(1, (await GatewayProcess.RunAsync(node.Directory, "client", "add", "../x", "--data", "data")).Code);
        Assert.Equal(1, (await GatewayProcess.RunAsync(node.Directory, "client", "add", "x", "--permission", "everything", "--data", "data")).Code);
        Assert.Equal(1, (await GatewayProcess.RunAsync(node.Directory, "client", "list", "--data", "portcullis.yaml")).Code);
    }

    [Fact]
    public async Task The_data_directory_is_that_of_the_configuration_and_none_is_made()
    {
        using var empty = new TemporaryDirectory();
        var (code, _, error) = await GatewayProcess.RunAsync(empty.Path, "client", "add", "shop", "-p", "orders:read");
        Assert.Equal((1, $"error: there is no data directory at {empty.At("portcullis-data")}"), (code, error.Split('\n')[0]));
        Assert.Equal(1, (await GatewayProcess.RunAsync(empty.Path, "client", "list", "--data", "mistyped")).Code);
        Assert.Equal(1, (await GatewayProcess.RunAsync(empty.Path, "client", "list", "--data", "")).Code);
        Assert.Equal(1, (await GatewayProcess.RunAsync(empty.Path, "client", "list", "--config", "none.yaml")).Code);
        Assert.Empty(Directory.GetFileSystemEntries(empty.Path));

        // By --config from elsewhere, and by ./portcullis.yaml from the node's own directory.
        Assert.Equal(0, (await GatewayProcess.RunAsync(empty.Path, "client", "add", "far", "-p", "orders:lines:read", "--config", node.ConfigurationFile)).Code);
        var (_, output, _) = await GatewayProcess.RunAsync(node.Directory, "client", "list");
        Assert.Contains("far  orders:lines:read", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_are_registered_with_grants_redirects_and_keys_and_listed_with_them()
    {
        using var ec = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        node.Write("signer.pem", ec.ExportSubjectPublicKeyInfoPem());
        node.Write("signer.key", ec.ExportPkcs8PrivateKeyPem());
        Assert.Equal(0, (await AddAsync("listed.web", "--grant", "authorization_code", "refresh_token", "--redirect-uri", "https://app.example/cb", "-p", "orders:read")).Code);
        var (code, output, _) = await AddAsync("listed.app", "--public", "--grant", "authorization_code", "--redirect-uri", "com.example.app:/cb", "--redirect-uri", "http://127.0.0.1/cb");
        Assert.Equal((0, "client listed.app added"), (code, output.Trim()));
        Assert.Equal(0, (await AddAsync("listed.signer", "--key", "signer.pem", "--grant", "client_credentials", "token_exchange", "--exchange-audience", "upstream")).Code);
        Assert.Equal(0, (await AddAsync("listed.remote", "--keys-uri", "https://app.example/jwks")).Code);
        Assert.Equal(0, (await AddAsync("listed.bound", "--certificate", "dns:Service.example.com", "--tenant", "acme")).Code);

        foreach (var (arguments, message) in (((string[], string)[])[
            (["bad", "--public"], "can't act for itself"), (["bad", "--redirect-uri", "https://app.example/cb"], "for --grant authorization_code alone"),
            (["bad", "--grant", "authorization_code", "--redirect-uri", "http://app.example/cb"], "in the clear"), (["bad", "--key", "signer.key"], "a private key"),
            (["bad", "--key", "none.pem"], "none.pem"), (["bad", "--grant", "password"], "is no grant"), (["0198f0a1c2d37e4f8a9b0c1d2e3f4a5b"], "taken for a person"), (["bad", "--keys-uri", "nowhere"], "no absolute URL"), (["bad", "--certificate", "nobody"], "fingerprint:")]))
        {
            (code, _, var error) = await AddAsync(arguments);
            Assert.Equal(1, code);
            Assert.Contains(message, error, StringComparison.Ordinal);
            Assert.Contains("hint: ", error, StringComparison.Ordinal);
        }

        (_, output, _) = await GatewayProcess.RunAsync(node.Directory, "client", "list", "--data", "data");
        Assert.DoesNotContain("bad", output, StringComparison.Ordinal);
        Assert.Contains("listed.web  orders:read\n  authorization_code refresh_token, secret\n  redirects to https://app.example/cb", output, StringComparison.Ordinal);
        Assert.Contains("listed.app  \n  authorization_code, public\n  redirects to com.example.app:/cb http://127.0.0.1/cb", output, StringComparison.Ordinal);
        Assert.Matches("listed\\.signer  \n  client_credentials token_exchange, private_key_jwt\n  keys [A-Za-z0-9_-]{43}\n  exchanges for upstream", output);
        Assert.Contains("listed.remote  \n  client_credentials, private_key_jwt\n  keys at https://app.example/jwks", output, StringComparison.Ordinal);
        Assert.Contains("listed.bound  \n  client_credentials, tls_client_auth\n  certificate dns:service.example.com\n  tenant acme", output, StringComparison.Ordinal);

        Task<(int Code, string Output, string Error)> AddAsync(params string[] arguments) => GatewayProcess.RunAsync(node.Directory, ["client", "add", .. arguments, "--data", "data"]);
    }

    private static async Task WithinASecondAsync(Func<Task<bool>> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Eventually.HoldsAsync(condition, "the node notices");

        // A second for the node, and more for a busy machine to send the request that shows it.
        Assert.True(TimeProvider.System.GetElapsedTime(started) < 10 * ASecond);
    }

    private async Task<(HttpStatusCode Status, string? Token)> TokenAsync(string id, string secret)
    {
        using var client = Node.CreateClient(HttpVersion.Version20);
        using var response = await client.PostAsync(node.Tls("/oauth/token"), new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", id), new("client_secret", secret)]));
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return (response.StatusCode, body.RootElement.TryGetProperty("access_token", out var token) ? token.GetString() : null);
    }
}
