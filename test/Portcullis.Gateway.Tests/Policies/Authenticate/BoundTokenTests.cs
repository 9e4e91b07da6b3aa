using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Grants;

namespace Portcullis.Gateway.Tests.Policies.Authenticate;

/// <summary>Tokens that are bound to a client certificate (RFC 8705): whoever has stolen one has nothing.</summary>
public sealed class BoundTokenTests : IAsyncLifetime
{
    private readonly TestCertificates files = new();
    private readonly X509Certificate2 authority = TestCertificates.Authority("clients");
    private X509Certificate2 own = null!;
    private X509Certificate2 thiefs = null!;
    private HttpClient client = null!;
    private HttpClient thief = null!;
    private HttpClient bare = null!;
    private EchoGateway echo = null!;

    public async ValueTask InitializeAsync()
    {
        own = TestCertificates.Issue(authority, "robot", TestCertificates.ClientAuthentication);
        thiefs = TestCertificates.Issue(authority, "thief", TestCertificates.ClientAuthentication);
        files.Write("ca", authority);
        echo = await EchoGateway.StartAsync(
            """
            api: { authenticate: token, authorize: authenticated }
            either: { authenticate: [token, certificate], authorize: authenticated }
            """,
            "certificates: [{ caller: other, subject: CN=thief }]",
            $"{{ address: 127.0.0.1:0, tls: {{ clientCertificate: optional, clientCa: \"{files.File("ca.pem")}\" }} }}", isNow: true);
        echo.Gateway.Clients.Add("robot", registered => registered with { Authentication = ClientAuthenticationMethod.Certificate, Certificate = "subject:CN=robot" }, "orders:read");
        client = echo.Gateway.Client(certificate: own);
        thief = echo.Gateway.Client(certificate: thiefs);
        bare = echo.Gateway.Client();
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        thief.Dispose();
        bare.Dispose();
        await echo.DisposeAsync();
        own.Dispose();
        thiefs.Dispose();
        authority.Dispose();
        files.Dispose();
    }

    [Fact]
    public async Task Token_of_a_client_with_a_certificate_counts_with_that_certificate_alone()
    {
        var token = (await TokenAsync(client)).GetProperty("access_token").GetString()!;
        using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]));
        Assert.Equal(Base64Url.EncodeToString(own.GetCertHash(HashAlgorithmName.SHA256)), payload.RootElement.GetProperty("cnf").GetProperty("x5t#S256").GetString());

        // New to the gateway, known from its memory, and known from the same connection.
        Assert.Equal(401, await StatusAsync(bare, token));
        Assert.Equal(401, await StatusAsync(thief, token));
        Assert.Equal(200, await StatusAsync(client, token));
        Assert.Equal(200, await StatusAsync(client, token));
        Assert.Equal(401, await StatusAsync(bare, token));
        Assert.Equal(401, await StatusAsync(thief, token));
        Assert.Equal(401, await StatusAsync(thief, token));
        Assert.Equal(200, await StatusAsync(client, token));

        // Bound, it is one credential with its certificate; the thief's certificate makes nobody of it either.
        Assert.Equal(200, await StatusAsync(client, token, "/either/x"));
        Assert.Equal(401, await StatusAsync(thief, token, "/either/x"));
    }

    [Fact]
    public async Task Certificate_says_nothing_to_who_is_registered_otherwise_and_nothing_else_proves_the_client()
    {
        foreach (var http in new[] { bare, thief })
        {
            var refused = await PostAsync(http, "/oauth/token", ("grant_type", "client_credentials"), ("client_id", "robot"));
            Assert.Equal("invalid_client", refused.GetProperty("error").GetString());
        }

        var (_, secret) = echo.Gateway.Clients.Add("robot2", registered => registered with { Authentication = ClientAuthenticationMethod.Certificate, Certificate = "subject:CN=nobody" }, "orders:read");
        Assert.Equal("invalid_client", (await PostAsync(client, "/oauth/token", ("grant_type", "client_credentials"), ("client_id", "robot2"), ("client_secret", secret))).GetProperty("error").GetString());
        Assert.Equal("invalid_client", (await PostAsync(client, "/oauth/token", ("grant_type", "client_credentials"), ("client_id", "robot2"))).GetProperty("error").GetString());
        echo.Gateway.Clients.Disable("robot");
        Assert.Equal("invalid_client", (await PostAsync(client, "/oauth/token", ("grant_type", "client_credentials"), ("client_id", "robot"))).GetProperty("error").GetString());
    }

    [Fact]
    public async Task Introspection_tells_the_binding_and_discovery_that_there_is_one()
    {
        var token = (await TokenAsync(client)).GetProperty("access_token").GetString()!;
        var told = await PostAsync(client, "/oauth/introspect", ("client_id", "robot"), ("token", token));
        Assert.Equal(Base64Url.EncodeToString(own.GetCertHash(HashAlgorithmName.SHA256)), told.GetProperty("cnf").GetProperty("x5t#S256").GetString());

        using var metadata = JsonDocument.Parse(await bare.GetStringAsync(echo.Gateway.Address("/.well-known/oauth-authorization-server")));
        Assert.True(metadata.RootElement.GetProperty("tls_client_certificate_bound_access_tokens").GetBoolean());
        Assert.Contains("tls_client_auth", metadata.RootElement.GetProperty("token_endpoint_auth_methods_supported").EnumerateArray().Select(one => one.GetString()));
    }

    // Else exchange would turn a stolen bound token into one that anybody can use.
    [Fact]
    public async Task Bound_token_is_exchanged_only_with_its_certificate_and_stays_bound()
    {
        var token = (await TokenAsync(client)).GetProperty("access_token").GetString()!;
        var (_, secret) = echo.Gateway.Clients.Add("edge", registered => registered with { Grants = [GrantNames.TokenExchange], ExchangeAudiences = ["billing"] });
        Assert.Equal("invalid_request", (await ExchangeAsync(bare)).GetProperty("error").GetString());
        Assert.Equal("invalid_request", (await ExchangeAsync(thief)).GetProperty("error").GetString());
        var exchanged = (await ExchangeAsync(client)).GetProperty("access_token").GetString()!;
        Assert.Contains("x5t#S256", System.Text.Encoding.UTF8.GetString(Base64Url.DecodeFromChars(exchanged.Split('.')[1])), StringComparison.Ordinal);

        Task<JsonElement> ExchangeAsync(HttpClient http) => PostAsync(
            http, "/oauth/token", ("grant_type", GrantNames.TokenExchange), ("client_id", "edge"), ("client_secret", secret), ("subject_token", token), ("subject_token_type", TokenExchangeGrant.AccessTokenType), ("audience", "billing"));
    }

    // An issuer binds its tokens for a reason: what can't be checked here refuses.
    [Theory]
    [InlineData("{\"jkt\":\"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I\"}")]
    [InlineData("{\"x5t#S256\":\"{own}\",\"jkt\":\"x\"}")]
    [InlineData("{\"x5t#S256\":\"\"}")]
    [InlineData("{\"x5t#S256\":\"AAAA\"}")]
    [InlineData("{\"x5t#S256\":\"{own}=\"}")]
    [InlineData("{\"x5t#S256\":[\"{own}\"]}")]
    [InlineData("{\"x5t\":\"{own}\"}")]
    [InlineData("{\"X5T#S256\":\"{own}\"}")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("\"{own}\"")]
    [InlineData("[{\"x5t#S256\":\"{own}\"}]")]
    public async Task Binding_that_is_not_understood_is_met_by_no_connection(string confirmation)
    {
        await using var issuer = await OutsideIssuer.StartAsync(TimeProvider.System);
        await using var other = await EchoGateway.StartAsync(
            "api: { authenticate: token, authorize: authenticated }",
            $"externalIssuers: [{{ issuer: \"{issuer.Url}\", audience: api }}]",
            $"{{ address: 127.0.0.1:0, tls: {{ clientCertificate: optional, clientCa: \"{files.File("ca.pem")}\" }} }}", isNow: true);
        var thumbprint = Base64Url.EncodeToString(own.GetCertHash(HashAlgorithmName.SHA256));
        using var http = other.Gateway.Client(certificate: own);
        var good = issuer.Token(claims => claims["cnf"] = new JsonObject { ["x5t#S256"] = thumbprint });
        using (var response = await other.SendAsync(http, "/api/x", ("Authorization", "Bearer " + good))) Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        var bad = issuer.Token(claims => claims["cnf"] = JsonNode.Parse(confirmation.Replace("{own}", thumbprint, StringComparison.Ordinal)));
        using var refused = await other.SendAsync(http, "/api/x", ("Authorization", "Bearer " + bad));
        Assert.Equal("token.invalid", await EchoGateway.CodeAsync(refused));
    }

    private Task<JsonElement> TokenAsync(HttpClient http) => PostAsync(http, "/oauth/token", ("grant_type", "client_credentials"), ("client_id", "robot"));

    private async Task<int> StatusAsync(HttpClient http, string token, string path = "/api/x")
    {
        using var response = await echo.SendAsync(http, path, ("Authorization", "Bearer " + token));
        return (int)response.StatusCode;
    }

    private async Task<JsonElement> PostAsync(HttpClient http, string path, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, echo.Gateway.Address(path)) { Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) };
        using var response = await http.SendAsync(request);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }
}
