using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Portcullis.EndToEnd.Tests.Nodes;

namespace Portcullis.EndToEnd.Tests.Identity;

/// <summary>A node with a token service, as clients and operators use it.</summary>
internal static class TokenNode
{
    /// <summary>A route of its own answers <c>/closed</c> to whoever has a token, without an upstream.</summary>
    public const string Configuration = """
        data: ./data
        listeners:
          secure: { address: "{tls}", tls: {} }
        admin: { address: "{admin}" }
        identity: { issuer: "https://{tls}" }
        routes:
          closed: { match: { path: "/closed" }, redirect: {}, policies: { authenticate: token, authorize: authenticated } }
        """;

    public static string Issuer(this Node node) => $"https://127.0.0.1:{node.TlsPort}";

    /// <summary>Registers a client; its secret, where it has one.</summary>
    public static async Task<string?> AddClientAsync(this Node node, string id, params string[] options)
    {
        var (code, output, error) = await GatewayProcess.RunAsync(node.Directory, ["client", "add", id, .. options, "--data", "data", "--output", "json"]);
        Assert.True(code == 0, error);
        using var added = JsonDocument.Parse(output);
        return added.RootElement.TryGetProperty("secret", out var secret) ? secret.GetString() : null;
    }

    /// <summary>A token of a client that acts for itself; null where it gets none.</summary>
    public static async Task<string?> TokenAsync(this Node node, HttpClient client, string id, string secret)
    {
        using var response = await client.PostAsync(node.Tls("/oauth/token"), new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", id), new("client_secret", secret)]));
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return body.RootElement.TryGetProperty("access_token", out var token) ? token.GetString() : null;
    }

    /// <summary>Whether a route takes the token.</summary>
    public static async Task<bool> TakesAsync(this Node node, HttpClient client, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, node.Tls("/closed")) { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.SendAsync(request);
        if (response.StatusCode is not HttpStatusCode.Unauthorized) Assert.True((int)response.StatusCode is >= 300 and < 400, response.ToString());
        return response.StatusCode is not HttpStatusCode.Unauthorized;
    }
}
