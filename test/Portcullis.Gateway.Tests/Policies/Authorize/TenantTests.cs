using System.Net;
using System.Text.Json.Nodes;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Tests.Policies.Authenticate;

namespace Portcullis.Gateway.Tests.Policies.Authorize;

/// <summary>Tenants are kept apart: a caller of one gets nothing of another, whatever else it may do.</summary>
public sealed class TenantTests : IAsyncLifetime
{
    private EchoGateway echo = null!;
    private HttpClient client = null!;
    private string acme = string.Empty;
    private string other = string.Empty;
    private string none = string.Empty;

    public async ValueTask InitializeAsync()
    {
        echo = await EchoGateway.StartAsync(
            """
            named: { authenticate: token, authorize: { permissions: [orders:read], tenant: acme } }
            limited: { authenticate: token, authorize: authenticated, rateLimit: [{ by: tenant, limit: 2, period: 1h }] }
            keys: { authenticate: apiKey, authorize: { permissions: [orders:read], tenant: { name: acme } } }
            t: { authenticate: none }
            """,
            wholeRoutes:
            [
                "by-path: { match: { path: \"/by/{tenant}/{**rest}\" }, cluster: app, policies: { authenticate: token, authorize: { permissions: [authenticated], tenant: { from: \"path:tenant\" } } } }",
                "by-host: { match: { hosts: [\"*.example.com\"], path: \"/host/{**rest}\" }, cluster: app, policies: { authenticate: token, authorize: { permissions: [authenticated], tenant: { from: host } } } }",
            ]);
        client = echo.Gateway.Client();
        acme = await TokenAsync("acme");
        other = await TokenAsync("other");
        none = await TokenAsync(null);
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return echo.DisposeAsync();
    }

    [Fact]
    public async Task Route_of_a_tenant_is_for_its_callers_alone()
    {
        Assert.Equal(200, await StatusAsync("/named/x", acme));
        Assert.Equal(403, await StatusAsync("/named/x", other));
        Assert.Equal(403, await StatusAsync("/named/x", none));
        using var told = await echo.SendAsync(client, "/named/x", ("Authorization", "Bearer " + other));
        Assert.Equal("permission.denied", await EchoGateway.CodeAsync(told));
    }

    [Fact]
    public async Task Upstream_is_told_the_tenant_and_the_client_can_t_tell_it()
    {
        using var response = await echo.SendAsync(client, "/named/x", ("Authorization", "Bearer " + acme), ("Portcullis-Tenant", "other"));
        Assert.Equal("acme", (await EchoGateway.FieldsAsync(response))["portcullis-tenant"]);
        using var open = await echo.SendAsync(client, "/t/x", ("Portcullis-Tenant", "other"), ("portcullis_tenant", "other"));
        Assert.DoesNotContain((await EchoGateway.FieldsAsync(open)).Keys, name => name.Contains("tenant", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/by/acme/x", true)]
    [InlineData("/by/acme", true)]
    [InlineData("/by/other/x", false)]
    [InlineData("/by/ACME/x", false)]
    [InlineData("/by/acme%20/x", false)]
    [InlineData("/by/acm%65/x", true)]
    [InlineData("/by/acme;x/x", false)]
    [InlineData("/by/other/../acme/x", null)]
    [InlineData("/by/acme%2Fother/x", null)]
    public async Task Tenant_of_the_path_is_the_callers(string path, bool? isLetIn)
    {
        // Sent as written: ambiguous paths are refused before anything looks at tenants.
        var raw = $"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {acme}\r\nConnection: close\r\n\r\n";
        var answer = await Hosting.RawHttp.SendAsync(echo.Gateway.EndPoint(), raw);
        Assert.StartsWith(isLetIn switch { true => "HTTP/1.1 200", false => "HTTP/1.1 403", _ => "HTTP/1.1 400" }, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acme.example.com", 200)]
    [InlineData("ACME.example.com:8443", 200)]
    [InlineData("other.example.com", 403)]
    [InlineData("acme.other.example.com", 403)]
    [InlineData("other.acme.example.com", 403)]
    [InlineData("xacme.example.com", 403)]
    [InlineData("acme.example.com.evil.example", 404)]
    public async Task Tenant_of_the_host_is_the_callers(string host, int status)
    {
        using var response = await echo.SendAsync(client, "/host/x", ("Authorization", "Bearer " + acme), ("Host", host));
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Caller_without_a_tenant_is_of_none_whatever_the_request_says()
    {
        Assert.Equal(403, await StatusAsync("/by/acme/x", none));
        Assert.Equal(403, await StatusAsync("/by//x", none));
    }

    [Fact]
    public async Task Limit_by_tenant_counts_its_callers_together_and_no_others()
    {
        var second = await TokenAsync("acme");
        Assert.Equal(200, await StatusAsync("/limited/x", acme));
        Assert.Equal(200, await StatusAsync("/limited/x", second));
        Assert.Equal(429, await StatusAsync("/limited/x", acme));
        Assert.Equal(429, await StatusAsync("/limited/x", second));
        Assert.Equal(200, await StatusAsync("/limited/x", other));

        // Without a tenant each counts alone.
        Assert.Equal(200, await StatusAsync("/limited/x", none));
        Assert.Equal(200, await StatusAsync("/limited/x", none));
        Assert.Equal(429, await StatusAsync("/limited/x", none));
        Assert.Equal(200, await StatusAsync("/limited/x", await TokenAsync(null)));
    }

    [Fact]
    public async Task Key_has_the_tenant_of_its_subject()
    {
        foreach (var (tenant, code) in new[] { ("acme", HttpStatusCode.OK), ("other", HttpStatusCode.Forbidden), ("no tenant", HttpStatusCode.Forbidden) })
        {
            using var response = await echo.SendAsync(client, "/keys/x", ("X-Api-Key", echo.Gateway.ApiKeys.Add(tenant, "ada", echo.Clock.GetUtcNow().AddDays(1), tenant, "orders:read")));
            Assert.Equal(code, response.StatusCode);
        }
    }

    // An issuer that is trusted for one tenant could else name another.
    [Theory]
    [InlineData("", 403)]
    [InlineData(", tenant: acme", 200)]
    [InlineData(", tenant: other", 403)]
    [InlineData(", tenantClaim: tid", 200)]
    [InlineData(", tenantClaim: tenant", 403)]
    public async Task Outside_issuer_speaks_for_a_tenant_only_where_it_is_written(string keys, int status)
    {
        await using var issuer = await OutsideIssuer.StartAsync(echo.Clock);
        await using var outside = await EchoGateway.StartAsync("named: { authenticate: token, authorize: { permissions: [orders:read], tenant: acme } }", $"externalIssuers: [{{ issuer: \"{issuer.Url}\", audience: api{keys} }}]");
        using var http = outside.Gateway.Client();
        var token = issuer.Token(claims => (claims["tid"], claims["tenant"]) = ("acme", new JsonArray("acme")));
        using var response = await outside.SendAsync(http, "/named/x", ("Authorization", "Bearer " + token));
        Assert.Equal(status, (int)response.StatusCode);
    }

    private async Task<string> TokenAsync(string? tenant)
    {
        var id = "client-" + Guid.NewGuid().ToString("N")[..8];
        var (_, secret) = echo.Gateway.Clients.Add(id, registered => registered with { Tenant = tenant }, "orders:read");
        using var request = new HttpRequestMessage(HttpMethod.Post, echo.Gateway.Address("/oauth/token"))
        {
            Content = new FormUrlEncodedContent([new("grant_type", GrantNames.ClientCredentials), new("client_id", id), new("client_secret", secret)]),
        };
        using var response = await client.SendAsync(request);
        using var body = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return body.RootElement.GetProperty("access_token").GetString()!;
    }

    private async Task<int> StatusAsync(string path, string token)
    {
        using var response = await echo.SendAsync(client, path, ("Authorization", "Bearer " + token));
        return (int)response.StatusCode;
    }
}
