using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Configuration.Binding;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.RateLimit;
using Portcullis.Gateway.Tests.Hosting;
using Portcullis.Gateway.Tests.Pipeline;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Tests.Identity;

/// <summary>The client-credentials grant, the key set and the discovery documents.</summary>
public sealed class TokenEndpointTests : IAsyncLifetime
{
    private TestGateway gateway = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        gateway = await TestGateway.StartAsync(
            """
            listeners:
              public: { address: 127.0.0.1:0 }
            identity:
              issuer: https://issuer.example
            """);
        client = gateway.Client();
    }

    // Retired keys are kept for the one, and tokens are issued up to the other.
    [Fact]
    public void The_longest_lifetime_that_can_be_configured_is_the_longest_that_is_issued()
    {
        var lifetime = ((RecordShape)Shape.Of(typeof(AccessTokenOptions))).Properties.Single(property => property.Name == "lifetime");
        Assert.Equal(AccessTokenIssuer.LongestLifetime, lifetime.Bounds!.Maximum);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await gateway.DisposeAsync();
    }

    [Fact]
    public async Task Client_gets_a_token_by_basic_authentication()
    {
        var (id, secret) = gateway.Clients.Add("orders:read");
        using var request = Request("grant_type=client_credentials");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")));
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl!.NoStore);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal("Bearer", body.RootElement.GetProperty("token_type").GetString());
        Assert.Equal(3600, body.RootElement.GetProperty("expires_in").GetInt32());
        Assert.Equal("orders:read", body.RootElement.GetProperty("scope").GetString());
    }

    [Theory]
    [InlineData("client_id={id}&client_secret={secret}", 400, "invalid_request")]
    [InlineData("grant_type=password&client_id={id}&client_secret={secret}", 400, "unsupported_grant_type")]
    [InlineData("grant_type=client_credentials&client_id={id}&client_secret=wrong", 401, "invalid_client")]
    [InlineData("grant_type=client_credentials&client_id=nobody&client_secret={secret}", 401, "invalid_client")]
    [InlineData("grant_type=client_credentials", 401, "invalid_client")]
    [InlineData("grant_type=client_credentials&client_id={id}&client_secret={secret}&scope=orders:delete", 400, "invalid_scope")]
    [InlineData("grant_type=client_credentials&grant_type=client_credentials&client_id={id}&client_secret={secret}", 400, "invalid_request")]
    public async Task Bad_requests_get_the_error_of_the_rfc(string form, int status, string error)
    {
        var (id, secret) = gateway.Clients.Add("orders:read");
        using var request = Request(form.Replace("{id}", id, StringComparison.Ordinal).Replace("{secret}", secret, StringComparison.Ordinal));
        using var response = await client.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(error, body.RootElement.GetProperty("error").GetString());
        Assert.Equal(status == 401, response.Headers.WwwAuthenticate.Count == 1);
        Assert.DoesNotContain(secret, body.RootElement.ToString(), StringComparison.Ordinal);
    }

    // RFC 6749 §2.3.1, §3.2.1, §5.2.
    [Theory]
    [InlineData("Basic {basic}", "grant_type=client_credentials&client_secret={secret}")]
    [InlineData("Basic {basic}", "grant_type=client_credentials&client_id=another")]
    [InlineData("Basic", "grant_type=client_credentials")]
    [InlineData("Basic %%%", "grant_type=client_credentials")]
    [InlineData("Basic bm9jb2xvbg==", "grant_type=client_credentials")]
    [InlineData("Bearer {basic}", "grant_type=client_credentials")]
    public async Task Client_that_cannot_be_told_by_its_header_is_challenged(string header, string form)
    {
        var (id, secret) = gateway.Clients.Add("orders:read");
        using var request = Request(form.Replace("{secret}", secret, StringComparison.Ordinal));
        request.Headers.TryAddWithoutValidation("Authorization", header.Replace("{basic}", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")), StringComparison.Ordinal));
        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Basic realm=\"token\", charset=\"UTF-8\"", response.Headers.WwwAuthenticate.ToString());
        Assert.Contains("\"error\":\"invalid_client\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scope_narrows_what_the_token_gives()
    {
        var (id, secret) = gateway.Clients.Add("orders:read", "orders:write");
        using var response = await client.SendAsync(Request($"grant_type=client_credentials&client_id={id}&client_secret={secret}&scope=orders:read"));
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal("orders:read", body.RootElement.GetProperty("scope").GetString());
        Assert.True(UnverifiedToken.TryParse(Encoding.ASCII.GetBytes(body.RootElement.GetProperty("access_token").GetString()!), out var token, out _));
        Assert.Equal(["orders:read"], token.Claims.Permissions);
    }

    [Fact]
    public async Task Unknown_client_and_wrong_secret_get_the_same_answer()
    {
        var (id, _) = gateway.Clients.Add("orders:read");
        var wrong = await (await client.SendAsync(Request($"grant_type=client_credentials&client_id={id}&client_secret=x"))).Content.ReadAsStringAsync();
        var unknown = await (await client.SendAsync(Request("grant_type=client_credentials&client_id=nobody&client_secret=x"))).Content.ReadAsStringAsync();
        Assert.Equal(unknown, wrong);
    }

    [Fact]
    public async Task Disabled_client_gets_nothing()
    {
        var (id, secret) = gateway.Clients.Add("orders:read");
        gateway.Clients.Disable(id);
        using var response = await client.SendAsync(Request($"grant_type=client_credentials&client_id={id}&client_secret={secret}"));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Body_of_another_type_or_size_is_refused()
    {
        using var json = new HttpRequestMessage(HttpMethod.Post, gateway.Address("/oauth/token")) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        using var typed = await client.SendAsync(json);
        Assert.Equal(HttpStatusCode.BadRequest, typed.StatusCode);

        using var large = await client.SendAsync(Request("grant_type=client_credentials&x=" + new string('a', 64 * 1024)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    [Fact]
    public async Task Guessing_is_limited_by_address()
    {
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 60; i++)
        {
            using var response = await client.SendAsync(Request("grant_type=client_credentials&client_id=nobody&client_secret=x"));
            statuses.Add(response.StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
    }

    // Many programs behind one address are no guesser, also where they come beside one.
    [Fact]
    public async Task Who_proves_itself_counts_under_no_limit_by_address()
    {
        var (id, secret) = gateway.Clients.Add("orders:read");
        for (var i = 0; i < 150; i++)
        {
            using var response = await client.SendAsync(Request($"grant_type=client_credentials&client_id={id}&client_secret={secret}" + (i % 2 == 0 ? string.Empty : "&scope=orders:delete")));
            Assert.Equal(i % 2 == 0 ? HttpStatusCode.OK : HttpStatusCode.BadRequest, response.StatusCode);
        }

        using var guess = await client.SendAsync(Request($"grant_type=client_credentials&client_id={id}&client_secret=x"));
        Assert.Equal(HttpStatusCode.Unauthorized, guess.StatusCode);
    }

    [Fact]
    public void One_client_has_a_thousand_requests_a_second()
    {
        var limits = new LimitStore(new ManualTimeProvider());
        var (one, reloaded) = (new ClientLimit(limits), new ClientLimit(limits));
        for (var i = 0; i < ClientLimit.PerSecond; i++) Assert.True((i % 2 == 0 ? one : reloaded).Take(ExchangeFactory.Create(), "shop").IsContinue);
        Assert.Equal(RefusalCode.LimitExceeded, one.Take(ExchangeFactory.Create(), "shop").Code);
        Assert.True(one.Take(ExchangeFactory.Create(), "depot").IsContinue);
    }

    [Fact]
    public async Task Key_set_is_public_cacheable_and_has_no_private_members()
    {
        using var response = await client.GetAsync(gateway.Address("/.well-known/jwks.json"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl!.Public);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.NotEmpty(body.RootElement.GetProperty("keys").EnumerateArray());
        Assert.All(body.RootElement.GetProperty("keys").EnumerateArray(), key => Assert.False(key.TryGetProperty("d", out _)));
    }

    [Theory]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/.well-known/oauth-authorization-server")]
    public async Task Discovery_names_the_issuer_and_its_endpoints(string path)
    {
        using var body = JsonDocument.Parse(await client.GetStringAsync(gateway.Address(path)));
        Assert.Equal("https://issuer.example", body.RootElement.GetProperty("issuer").GetString());
        Assert.Equal("https://issuer.example/oauth/token", body.RootElement.GetProperty("token_endpoint").GetString());
        Assert.Equal("https://issuer.example/.well-known/jwks.json", body.RootElement.GetProperty("jwks_uri").GetString());
    }

    private HttpRequestMessage Request(string form)
        => new(HttpMethod.Post, gateway.Address("/oauth/token")) { Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded") };
}
