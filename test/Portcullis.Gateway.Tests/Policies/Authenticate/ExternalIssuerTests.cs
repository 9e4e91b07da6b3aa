using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Hosting;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Tests.Policies.Authenticate;

/// <summary>Tokens of an outside issuer whose keys are fetched over HTTP.</summary>
public sealed class ExternalIssuerTests : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("portcullis-issuer-").FullName;
    private KeyRing issuerKeys = null!;
    private TestUpstream issuer = null!;
    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;
    private int fetches;

    public async ValueTask InitializeAsync()
    {
        issuerKeys = KeyRing.Open(Path.Combine(directory, "keys"), [KeyPolicy.ForTokens(KeyAlgorithm.RS256, TimeSpan.FromHours(1))], TimeProvider.System);
        issuer = await TestUpstream.StartAsync(async context =>
        {
            if (context.Request.Path == "/.well-known/openid-configuration")
            {
                await context.Response.WriteAsync($$"""{"issuer":"{{issuer.Url}}","jwks_uri":"{{issuer.Url}}/keys"}""");
                return;
            }

            Interlocked.Increment(ref fetches);
            await context.Response.Body.WriteAsync(issuerKeys.Current.PublicKeys(KeyPurpose.TokenSigning).Document);
        });
        upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync(context.Request.Headers["Portcullis-Permissions"].ToString()));
        gateway = await TestGateway.StartAsync(
            $$"""
            listeners:
              public: { address: 127.0.0.1:0 }
            clusters:
              app: { destinations: ["{{upstream.Url}}"] }
            routes:
              api:
                match: { path: "/api/{**rest}" }
                cluster: app
                policies: { authenticate: token, authorize: { permissions: [orders:read] } }
            identity:
              issuer: https://issuer.example
              externalIssuers: [{ issuer: "{{issuer.Url}}", audience: api }]
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await issuer.DisposeAsync();
        await upstream.DisposeAsync();
        issuerKeys.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Its_tokens_are_accepted_by_keys_found_through_discovery_and_fetched_once()
    {
        for (var i = 0; i < 5; i++)
        {
            using var response = await SendAsync(Issue(issuer.Url, "api"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("orders:read", await response.Content.ReadAsStringAsync());
        }

        Assert.Equal(1, fetches);
    }

    [Fact]
    public async Task Its_tokens_for_another_audience_are_refused()
    {
        using var response = await SendAsync(Issue(issuer.Url, "another"));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task It_cannot_sign_for_the_gateways_own_issuer()
    {
        using var response = await SendAsync(Issue("https://issuer.example", "https://issuer.example"));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(0, fetches);
    }

    [Fact]
    public async Task Tokens_of_an_issuer_that_is_not_configured_are_refused_without_asking_anybody()
    {
        using var response = await SendAsync(Issue("https://elsewhere.example", "api"));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(0, fetches);
    }

    [Fact]
    public async Task Unknown_key_ids_do_not_become_load_on_the_issuer()
    {
        (await SendAsync(Issue(issuer.Url, "api"))).Dispose();
        using var strangers = KeyRing.Open(Path.Combine(directory, "strangers"), [KeyPolicy.ForTokens(KeyAlgorithm.ES256, TimeSpan.FromHours(1))], TimeProvider.System);
        for (var i = 0; i < 20; i++)
        {
            strangers.Rotate(KeyPurpose.TokenSigning, immediately: true);
            using var response = await SendAsync(Issue(issuer.Url, "api", strangers));
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }

        Assert.Equal(1, fetches);
    }

    private string Issue(string claimedIssuer, string audience, KeyRing? keys = null)
        => new TokenIssuer(keys ?? issuerKeys, claimedIssuer, TimeSpan.FromHours(1), TimeProvider.System).Issue(new AccessTokenRequest
        {
            Subject = "somebody",
            ClientId = "app",
            Audience = [audience],
            Lifetime = TimeSpan.FromMinutes(5),
            Permissions = ["orders:read"],
        }).Token;

    private async Task<HttpResponseMessage> SendAsync(string token)
    {
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address("/api/x")) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        return await client.SendAsync(request);
    }
}
