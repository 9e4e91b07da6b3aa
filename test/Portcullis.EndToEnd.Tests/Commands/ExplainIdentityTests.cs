using System.Net;
using System.Text.Json;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Commands;

/// <summary><c>explain</c> of what is decided by who calls: step-up, tenants, classes of data, tokens for upstreams.</summary>
public sealed class ExplainIdentityTests
{
    private const string Known = "0123456789abcdef0123456789abcdef";

    private const string Configuration = """
        data: ./data
        listeners: { tls: { address: "{tls}", tls: {} } }
        admin: { address: "{admin}" }
        clusters: { none: { destinations: ["http://127.0.0.1:1"] } }
        telemetry: { decisionLog: decisions.jsonl }
        identity: { issuer: "https://localhost:1" }
        routes:
          strong: { match: { path: "/strong" }, cluster: none, policies: { authenticate: { methods: token, require: mfa }, authorize: authenticated } }
          fresh: { match: { path: "/fresh" }, cluster: none, policies: { authenticate: { methods: token, maxAge: 10m }, authorize: authenticated } }
          north: { match: { path: "/north" }, cluster: none, policies: { authenticate: token, authorize: { permissions: [orders:read], tenant: north } } }
          south: { match: { path: "/south" }, cluster: none, policies: { authenticate: token, authorize: { permissions: [orders:read], tenant: south } } }
          people: { match: { path: "/people" }, cluster: none, dataClass: confidential, purpose: billing, policies: { authenticate: { methods: token, upstreamToken: own }, authorize: authenticated } }
        """;

    [Fact]
    public async Task A_refusal_for_want_of_factors_age_or_tenant_says_so_in_its_layer()
    {
        await using var node = await Node.StartAsync(Configuration);
        var token = await TokenAsync(node);

        var strong = await ExplainAsync(node, "/strong", token, HttpStatusCode.Unauthorized);
        Assert.Contains("  passed       Authenticate    authenticate: shop by token, of tenant north\n", strong, StringComparison.Ordinal);
        Assert.Contains("  refused      Authorize       authenticate, authorize\n", strong, StringComparison.Ordinal);
        Assert.Contains("auth.step_up_required: not signed in with several factors\n", strong, StringComparison.Ordinal);
        Assert.Contains("auth.step_up_required: signed in too long ago, or nobody knows when\n", await ExplainAsync(node, "/fresh", token, HttpStatusCode.Unauthorized), StringComparison.Ordinal);

        var south = await ExplainAsync(node, "/south", token, HttpStatusCode.Forbidden);
        Assert.Contains("  refused      Authorize       authorize\n", south, StringComparison.Ordinal);
        Assert.Contains("permission.denied: belongs to another tenant\n", south, StringComparison.Ordinal);
        Assert.Contains("  passed       Authorize       authorize\n", await ExplainAsync(node, "/north", token, HttpStatusCode.BadGateway), StringComparison.Ordinal);

        var people = await ExplainAsync(node, "/people", token, HttpStatusCode.BadGateway);
        Assert.Contains("\ndata of class confidential, for: billing\n", people, StringComparison.Ordinal);
        Assert.DoesNotContain("Shape", people, StringComparison.Ordinal);
    }

    // The last second of a credential can't be waited for: the line is written as the gateway writes it.
    [Fact]
    public async Task A_refusal_for_want_of_a_token_for_the_upstream_is_one_of_its_own_layer_and_not_of_the_upstream()
    {
        await using var node = await Node.StartAsync(Configuration);
        await File.AppendAllTextAsync(
            node.At("decisions.jsonl"),
            $$"""{"time":"2026-01-01T00:00:00Z","requestId":"{{Known}}","status":401,"route":"people","code":"token.expired","cause":"the credential ends now","step":"Shape","caller":"ada"}""" + "\n");
        var (code, output, error) = await GatewayProcess.RunAsync(node.Directory, "explain", Known);
        Assert.Equal((0, string.Empty), (code, error));
        Assert.Contains("  passed       Authorize       authorize\n", output, StringComparison.Ordinal);
        Assert.Contains("  refused      Shape           authenticate\n", output, StringComparison.Ordinal);
        Assert.Contains("token.expired: the credential ends now\n", output, StringComparison.Ordinal);
        Assert.Contains("  not reached  terminal        upstream", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_line_and_half_a_packed_file_are_told_and_passed_over()
    {
        await using var node = await Node.StartAsync(Configuration);
        await File.WriteAllTextAsync(node.At("decisions.jsonl.1.gz"), "this is no gzip");
        var (code, _, error) = await GatewayProcess.RunAsync(node.Directory, "explain", Known);
        Assert.Equal(1, code);
        Assert.Contains("is not in", error, StringComparison.Ordinal);

        await File.WriteAllTextAsync(node.At("decisions.jsonl.2"), $$"""{"time":"2026-01-01T00:00:00Z","requestId":"{{Known}}","sta""");
        (code, _, error) = await GatewayProcess.RunAsync(node.Directory, "explain", Known);
        Assert.Equal(1, code);
        Assert.Contains("is damaged", error, StringComparison.Ordinal);
    }

    private static async Task<string> TokenAsync(Node node)
    {
        var (code, output, error) = await GatewayProcess.RunAsync(node.Directory, "client", "add", "shop", "-p", "orders:read", "--tenant", "north", "--output", "json");
        Assert.Equal((0, string.Empty), (code, error));
        using var added = JsonDocument.Parse(output);
        using var client = Node.CreateClient(HttpVersion.Version11);
        string? token = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                using var response = await client.PostAsync(
                    node.Tls("/oauth/token"),
                    new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", "shop"), new("client_secret", added.RootElement.GetProperty("secret").GetString()!)]));
                using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
                token = body.RootElement.TryGetProperty("access_token", out var given) ? given.GetString() : null;
                return token is not null;
            },
            "the client gets a token");
        return token!;
    }

    private static async Task<string> ExplainAsync(Node node, string path, string token, HttpStatusCode expected)
    {
        using var response = await node.GetAsync(node.Tls(path), ("Authorization", "Bearer " + token));
        Assert.Equal(expected, response.StatusCode);
        var id = Assert.Single(response.Headers.GetValues("X-Request-Id"));
        var explained = (Code: 1, Output: string.Empty, Error: string.Empty);
        await Eventually.HoldsAsync(async () => (explained = await GatewayProcess.RunAsync(node.Directory, "explain", id)).Code == 0, "the line is written");
        return explained.Output + "\n";
    }
}
