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
        Assert.DoesNotContain("ecret", output, StringComparison.Ordinal);
        Assert.DoesNotContain(added.RootElement.GetProperty("secret").GetString()!, output, StringComparison.Ordinal);
        using var list = JsonDocument.Parse(output);
        var byId = list.RootElement.EnumerateArray().ToDictionary(client => client.GetProperty("id").GetString()!, client => client.GetRawText(), StringComparer.Ordinal);
        Assert.Equal("""{"id":"listed","permissions":["orders:read","orders:write"],"disabled":false}""", byId["listed"]);
        Assert.Equal("""{"id":"listed.off","permissions":[],"disabled":true}""", byId["listed.off"]);
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
