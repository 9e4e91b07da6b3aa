using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Hosting;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Tests.Policies.Authenticate;

/// <summary>A gateway before an upstream that answers with the header fields it got, and sets the cookies that the query names.</summary>
internal sealed class EchoGateway : IAsyncDisposable
{
    public const string Issuer = "https://issuer.example";

    private readonly TestUpstream upstream;

    private EchoGateway(TestUpstream upstream, TestGateway gateway, ManualTimeProvider clock)
    {
        this.upstream = upstream;
        Gateway = gateway;
        Clock = clock;
    }

    public TestGateway Gateway { get; }

    public ManualTimeProvider Clock { get; }

    /// <summary>Starts it, at the time of its clock, or now, when certificates are valid; each route is one line: its name, which is its path too, and its policies or all but match and cluster.</summary>
    public static async Task<EchoGateway> StartAsync(string routes, string identity = "", string listener = "{ address: 127.0.0.1:0 }", string more = "", bool isNow = false, params string[] wholeRoutes)
    {
        var upstream = await TestUpstream.StartAsync(static context =>
        {
            foreach (var cookie in context.Request.Query["set"]) context.Response.Headers.Append("Set-Cookie", cookie);
            return context.Response.WriteAsync(JsonSerializer.Serialize(context.Request.Headers.ToDictionary(field => field.Key.ToLowerInvariant(), field => field.Value.ToString())));
        });
        var lines = routes.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(": ", 2))
            .Select(route => $"  {route[0]}: {{ match: {{ path: \"/{route[0]}/{{**rest}}\" }}, cluster: app, {(route[1].StartsWith('{') ? "policies: " + route[1] : route[1])} }}\n");
        var clock = new ManualTimeProvider();
        var gateway = await TestGateway.StartAsync(
            $$"""
            listeners: { public: {{listener}} }
            clusters: { app: { destinations: ["{{upstream.Url}}"] } }
            telemetry: { decisionLog: "{decisionLog}" }
            {{more}}
            identity:
              issuer: {{Issuer}}
              {{identity}}
            routes:
            {{string.Concat(lines)}}{{string.Concat(wholeRoutes.Select(route => $"  {route}\n"))}}
            """,
            isNow ? TimeProvider.System : clock);
        return new EchoGateway(upstream, gateway, clock);
    }

    /// <summary>What the upstream got of one request.</summary>
    public static async Task<Dictionary<string, string>> FieldsAsync(HttpResponseMessage response)
    {
        Assert.Equal(200, (int)response.StatusCode);
        return JsonSerializer.Deserialize<Dictionary<string, string>>(await response.Content.ReadAsStringAsync())!;
    }

    /// <summary>The public code of a refusal.</summary>
    public static async Task<string> CodeAsync(HttpResponseMessage response)
    {
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return problem.RootElement.GetProperty("code").GetString()!;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpClient client, string path, params (string Name, string Value)[] fields)
    {
        var method = fields.FirstOrDefault(field => field.Name == ":method").Value ?? "GET";
        using var request = new HttpRequestMessage(new HttpMethod(method), Gateway.Address(path));
        foreach (var (name, value) in fields.Where(field => field.Name[0] != ':')) request.Headers.TryAddWithoutValidation(name, value);
        return await client.SendAsync(request);
    }

    /// <summary>The decision log once it has that many lines: it is written by the gateway's clock.</summary>
    public async Task<IReadOnlyList<JsonElement>> DecisionsAsync(int count)
    {
        var lines = Gateway.DecisionsAsync(count);
        while (!lines.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(lines, Task.Delay(20));
        }

        return await lines;
    }

    /// <summary>Claims of a token that the gateway signed for an upstream.</summary>
    public TokenClaims Claims(Dictionary<string, string> fields, string audience = "app")
    {
        var credentials = AuthenticationHeaderValue.Parse(fields["authorization"]);
        Assert.Equal("Bearer", credentials.Scheme);
        var result = new TokenVerifier(new TokenRules { Issuer = Issuer, Audiences = [audience] }, Clock).Verify(credentials.Parameter!, Gateway.Keys.Current.PublicKeys(KeyPurpose.TokenSigning));
        Assert.True(result.IsValid, result.ToString());
        return result.Claims;
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await upstream.DisposeAsync();
    }
}
