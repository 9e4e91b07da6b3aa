using System.Net;
using Portcullis.Gateway.Identity.ApiKeys;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Tests.Identity.Memory;
using Portcullis.Gateway.Tests.Pipeline;
using Portcullis.Trust.ApiKeys;

namespace Portcullis.Gateway.Tests.Policies.Authenticate;

/// <summary>Routes that take API keys, seen from outside.</summary>
public sealed class ApiKeyRouteTests : IAsyncLifetime
{
    private EchoGateway echo = null!;
    private HttpClient client = null!;
    private string key = string.Empty;

    public async ValueTask InitializeAsync()
    {
        echo = await EchoGateway.StartAsync(
            """
            api: { authenticate: apiKey, authorize: { permissions: [orders:read] } }
            both: { authenticate: [apiKey, token], authorize: authenticated }
            own: { authenticate: { methods: apiKey, upstreamToken: own }, authorize: authenticated }
            passed: { authenticate: { methods: apiKey, forwardAuthorization: true }, authorize: authenticated }
            token: { authenticate: token, authorize: authenticated }
            """);
        key = echo.Gateway.ApiKeys.Add("key-1", "ada", echo.Clock.GetUtcNow().AddDays(30), tenant: null, "orders:read");
        client = echo.Gateway.Client();
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return echo.DisposeAsync();
    }

    [Theory]
    [InlineData("X-Api-Key", "")]
    [InlineData("x-api-key", "")]
    [InlineData("Authorization", "ApiKey ")]
    [InlineData("Authorization", "apikey  ")]
    public async Task Key_is_admitted_and_does_not_reach_the_upstream(string field, string scheme)
    {
        using var response = await echo.SendAsync(client, "/api/x", (field, scheme + key), ("X_Api_Key", key));
        var fields = await EchoGateway.FieldsAsync(response);
        Assert.Equal(("ada", "orders:read"), (fields["portcullis-subject"], fields["portcullis-permissions"]));
        Assert.DoesNotContain(fields, one => one.Value.Contains(key, StringComparison.Ordinal));
        Assert.Equal(["key-1"], echo.Gateway.ApiKeys.UsedKeys);
        var line = (await echo.DecisionsAsync(1))[0];
        Assert.Equal(("apiKey", "key-1"), (line.GetProperty("authenticatedBy").GetString(), line.GetProperty("key").GetString()));
    }

    [Fact]
    public async Task Key_goes_on_where_the_route_says_so()
    {
        using var response = await echo.SendAsync(client, "/passed/x", ("X-Api-Key", key));
        Assert.Equal(key, (await EchoGateway.FieldsAsync(response))["x-api-key"]);
    }

    [Fact]
    public async Task Key_of_another_service_is_left_alone_where_the_route_takes_none()
    {
        using var response = await echo.SendAsync(client, "/token/x", ("X-Api-Key", "theirs"), ("Authorization", "Bearer " + await echo.Gateway.TokenAsync()));
        Assert.Equal("theirs", (await EchoGateway.FieldsAsync(response))["x-api-key"]);
    }

    [Fact]
    public async Task Upstream_gets_a_token_in_place_of_the_key_where_the_route_says_so()
    {
        using var response = await echo.SendAsync(client, "/own/x", ("X-Api-Key", key));
        var claims = echo.Claims(await EchoGateway.FieldsAsync(response), "app");
        Assert.Equal("ada", claims.Subject);
        Assert.Null(claims.FindAuthentication());
    }

    [Fact]
    public async Task Token_for_the_upstream_lives_no_longer_than_the_key()
    {
        var brief = echo.Gateway.ApiKeys.Add("key-2", "ada", echo.Clock.GetUtcNow().AddSeconds(90), tenant: null, "orders:read");
        using var response = await echo.SendAsync(client, "/own/x", ("X-Api-Key", brief));
        var claims = echo.Claims(await EchoGateway.FieldsAsync(response));
        Assert.InRange(claims.ExpiresAt, 0, echo.Clock.GetUtcNow().AddSeconds(90).ToUnixTimeSeconds());
    }

    // What has not the form of a key, checksum included, is not even looked for.
    [Theory]
    [InlineData("")]
    [InlineData("pk_")]
    [InlineData("{key}x")]
    [InlineData(" {key}")]
    [InlineData("pk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("{KEY}")]
    [InlineData("{key},{key}")]
    [InlineData("ApiKey {key}")]
    public async Task What_is_no_key_is_refused_without_looking(string text)
    {
        text = text.Replace("{key}", key, StringComparison.Ordinal).Replace("{KEY}", key.ToUpperInvariant(), StringComparison.Ordinal);
        var exchange = ExchangeFactory.Create();
        exchange.RequestHeaders["X-Api-Key"] = text;
        var keys = new MemoryApiKeys();
        var outcome = await new ApiKeyMethod(keys, echo.Clock, ownsAuthorization: true).AuthenticateAsync(exchange);
        Assert.Null(outcome.Caller);
        Assert.Equal((RefusalCode.TokenInvalid, 0), (outcome.Code, keys.LookUps));
    }

    [Fact]
    public async Task Unknown_revoked_and_expired_keys_look_alike()
    {
        var revoked = echo.Gateway.ApiKeys.Add("key-2", "ada", echo.Clock.GetUtcNow().AddDays(1), tenant: null, "orders:read");
        _ = await EchoGateway.FieldsAsync(await echo.SendAsync(client, "/api/x", ("X-Api-Key", revoked)));
        echo.Gateway.ApiKeys.Revoke("key-2");
        var expired = echo.Gateway.ApiKeys.Add("key-3", "ada", echo.Clock.GetUtcNow(), tenant: null, "orders:read");
        var answers = new List<string>();
        foreach (var one in new[] { ApiKeyText.Generate().Reveal(), revoked, expired })
        {
            var before = echo.Gateway.ApiKeys.LookUps;
            using var response = await echo.SendAsync(client, "/api/x", ("X-Api-Key", one));
            Assert.Equal(before + 1, echo.Gateway.ApiKeys.LookUps);
            answers.Add($"{response.StatusCode} {response.Headers.WwwAuthenticate} {await EchoGateway.CodeAsync(response)}");
        }

        Assert.Equal("Unauthorized ApiKey error=\"invalid_key\" token.invalid", Assert.Single(answers.Distinct()));
        Assert.Equal(["key-2"], echo.Gateway.ApiKeys.UsedKeys);
    }

    [Fact]
    public async Task Key_counts_no_more_than_it_was_given()
    {
        var weak = echo.Gateway.ApiKeys.Add("key-2", "ada", echo.Clock.GetUtcNow().AddDays(1), tenant: null, "orders:list");
        using var response = await echo.SendAsync(client, "/api/x", ("X-Api-Key", weak));
        Assert.Equal("permission.denied", await EchoGateway.CodeAsync(response));
    }

    [Fact]
    public async Task Key_beside_another_credential_is_refused()
    {
        var token = await echo.Gateway.TokenAsync("orders:read");
        foreach (var (first, second) in new[] { (("X-Api-Key", key), ("Authorization", "Bearer " + token)), (("X-Api-Key", key), ("Authorization", "ApiKey " + key)) })
        {
            using var response = await echo.SendAsync(client, "/both/x", first, second);
            Assert.Equal("request.malformed", await EchoGateway.CodeAsync(response));
        }

        using var alone = await echo.SendAsync(client, "/both/x", ("Authorization", "ApiKey " + key));
        Assert.Equal("ada", (await EchoGateway.FieldsAsync(alone))["portcullis-subject"]);
        using var bearer = await echo.SendAsync(client, "/both/x", ("Authorization", "Bearer " + key));
        Assert.Equal("token.invalid", await EchoGateway.CodeAsync(bearer));
    }

    [Theory]
    [InlineData("/api/x", "ApiKey")]
    [InlineData("/both/x", "Bearer, ApiKey")]
    public async Task Without_a_key_the_client_is_told_what_is_taken(string path, string challenge)
    {
        using var nothing = await echo.SendAsync(client, path);
        Assert.Equal(HttpStatusCode.Unauthorized, nothing.StatusCode);
        Assert.Equal(challenge, nothing.Headers.WwwAuthenticate.ToString());
        using var query = await echo.SendAsync(client, path + "?api_key=" + key);
        Assert.Equal(HttpStatusCode.Unauthorized, query.StatusCode);
        using var basic = await echo.SendAsync(client, path, ("Authorization", "Basic YTpi"));
        Assert.Equal("auth.required", await EchoGateway.CodeAsync(basic));
    }

    [Fact]
    public async Task Key_over_plain_http_from_another_machine_is_refused()
    {
        var exchange = ExchangeFactory.Create(scheme: "http");
        exchange.RequestHeaders["X-Api-Key"] = key;
        var outcome = await new ApiKeyMethod(echo.Gateway.ApiKeys, echo.Clock, ownsAuthorization: true).AuthenticateAsync(exchange);
        Assert.Equal(RefusalCode.TlsRequired, outcome.Code);
    }

    [Fact]
    public async Task Key_that_the_store_keeps_too_long_is_expired_all_the_same()
    {
        var late = new LateStore(new KnownApiKey("key-9", "ada", IsPerson: true, ["orders:read"], echo.Clock.GetUtcNow()));
        var exchange = ExchangeFactory.Create();
        exchange.RequestHeaders["X-Api-Key"] = key;
        var outcome = await new ApiKeyMethod(late, echo.Clock, ownsAuthorization: true).AuthenticateAsync(exchange);
        Assert.Equal((RefusalCode.TokenInvalid, 0), (outcome.Code, late.Uses));
    }

    [Fact]
    public async Task Without_a_store_every_key_is_refused()
    {
        var exchange = ExchangeFactory.Create();
        exchange.RequestHeaders.Authorization = "ApiKey " + key;
        Assert.Equal(RefusalCode.TokenInvalid, (await new ApiKeyMethod(null, echo.Clock, ownsAuthorization: true).AuthenticateAsync(exchange)).Code);
    }

    private sealed class LateStore(KnownApiKey known) : IApiKeys
    {
        public int Uses { get; private set; }

        public ValueTask<KnownApiKey?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) => new(known);

        public void Used(string keyId) => Uses++;
    }
}
