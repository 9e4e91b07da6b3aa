using System.Net;
using System.Text.Json;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Identity;

/// <summary>Two nodes on one PostgreSQL.</summary>
public sealed class ClientsInPostgresTests
{
    private const string Configuration = """
        data: ./data
        storage: { postgres: "${env:PORTCULLIS_TEST_DATABASE}" }
        listeners:
          tls: { address: "{tls}", tls: {} }
        admin: { address: "{admin}" }
        identity: { issuer: "https://localhost:1" }
        routes:
          all: { match: { path: "/closed" }, redirect: {}, policies: { authenticate: token } }
        """;

    [Fact]
    public async Task A_client_that_is_added_by_one_nodes_verb_gets_a_token_of_the_other_and_none_once_it_is_disabled()
    {
        var connection = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PORTCULLIS_TEST_DATABASE"] = connection };
        await using var one = await Node.StartAsync(Configuration, environment);
        await using var two = await Node.StartAsync(Configuration, environment);
        Assert.False(File.Exists(one.At("data/portcullis.db")));

        var (code, output, error) = await RunAsync("add", "shop", "-p", "orders:read", "--output", "json");
        Assert.Equal((0, string.Empty), (code, error));
        using var added = JsonDocument.Parse(output);
        var secret = added.RootElement.GetProperty("secret").GetString()!;
        await Eventually.HoldsAsync(async () => await StatusAsync(two, secret) == HttpStatusCode.OK, "the other node knows the client");

        Assert.Equal(0, (await RunAsync("disable", "shop")).Code);
        await Eventually.HoldsAsync(async () => await StatusAsync(two, secret) == HttpStatusCode.Unauthorized, "the other node knows that it is disabled");

        // The data directory alone does not say where the clients are, and no second set of them is made.
        (code, _, error) = await GatewayProcess.RunAsync(one.Directory, "client", "list", "--data", "data");
        Assert.Equal(1, code);
        Assert.Contains("--config", error, StringComparison.Ordinal);
        Assert.False(File.Exists(one.At("data/portcullis.db")));

        async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
        {
            await using var running = GatewayProcess.Start(one.Directory, environment, ["client", .. arguments, "--config", one.ConfigurationFile]);
            return (await running.ExitAsync(), running.Output.Text, running.Error.Text);
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(Node node, string secret)
    {
        using var client = Node.CreateClient(HttpVersion.Version20);
        using var response = await client.PostAsync(node.Tls("/oauth/token"), new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", "shop"), new("client_secret", secret)]));
        return response.StatusCode;
    }
}
