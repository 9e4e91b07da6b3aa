using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Policies.Authenticate;

/// <summary>When the keys of an outside issuer are fetched, kept and given up, under a clock that only the test moves.</summary>
public sealed class OutsideKeysTests : IAsyncLifetime
{
    private readonly ManualTimeProvider clock = new();
    private OutsideIssuer issuer = null!;
    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;

    public async ValueTask InitializeAsync()
    {
        issuer = await OutsideIssuer.StartAsync(clock);
        upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync(
            $"{context.Request.Headers["Portcullis-Issuer"]}|{context.Request.Headers["Portcullis-Subject"]}|{context.Request.Headers["Portcullis-Permissions"]}"));
        gateway = await TestGateway.StartAsync(Configuration(), clock);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await issuer.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_rotated_key_is_taken_with_its_first_token()
    {
        Assert.Equal(200, await StatusAsync(issuer.Token()));
        issuer.Rotate();
        clock.Advance(RemoteKeys.MinimumInterval);
        Assert.Equal(200, await StatusAsync(issuer.Token()));
        Assert.Equal(2, issuer.Fetches);
    }

    [Fact]
    public async Task A_key_that_could_not_be_looked_for_yet_is_taken_ten_seconds_later()
    {
        // A stranger's token has the keys fetched; the issuer rotates right after it.
        Assert.Equal(401, await StatusAsync(issuer.Token(keyId: "stranger")));
        issuer.Rotate();
        Assert.Equal(401, await StatusAsync(issuer.Token()));
        Assert.Equal(1, issuer.Fetches);

        clock.Advance(RemoteKeys.MinimumInterval);
        Assert.Equal(200, await StatusAsync(issuer.Token()));
    }

    [Fact]
    public async Task A_failed_fetch_forbids_no_key_and_keeps_the_old_ones()
    {
        var known = issuer.Token();
        var unused = issuer.Token(claims => claims["sub"] = "later");
        Assert.Equal(200, await StatusAsync(known));
        issuer.Rotate();
        issuer.Status = 503;
        clock.Advance(RemoteKeys.MinimumInterval);
        var fresh = issuer.Token();
        Assert.Equal(401, await StatusAsync(fresh));
        Assert.Equal(200, await StatusAsync(known));
        Assert.Equal(200, await StatusAsync(unused));

        issuer.Status = 200;
        clock.Advance(RemoteKeys.MinimumInterval);
        Assert.Equal(200, await StatusAsync(fresh));
    }

    [Fact]
    public async Task A_key_that_a_fetch_did_not_bring_is_not_asked_for_again_for_five_minutes()
    {
        Assert.Equal(200, await StatusAsync(issuer.Token()));
        clock.Advance(RemoteKeys.MinimumInterval);
        Assert.Equal(401, await StatusAsync(issuer.Token(keyId: "stranger")));
        Assert.Equal(2, issuer.Fetches);

        for (var i = 0; i < 3; i++)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(401, await StatusAsync(issuer.Token(keyId: "stranger")));
        }

        Assert.Equal(2, issuer.Fetches);
        clock.Advance(RemoteKeys.UnknownFor);
        Assert.Equal(401, await StatusAsync(issuer.Token(keyId: "stranger")));
        Assert.Equal(3, issuer.Fetches);
    }

    [Fact]
    public async Task A_withdrawn_key_ends_its_tokens_within_an_hour_of_use()
    {
        var token = issuer.Token(claims => claims["exp"] = clock.Seconds + (3 * 3600));
        Assert.Equal(200, await StatusAsync(token));
        issuer.Rotate();
        clock.Advance(RemoteKeys.MaximumAge + TimeSpan.FromSeconds(1));

        // The first use has the keys fetched behind its back.
        await StatusAsync(token);
        await Eventually.HoldsAsync(async () => await StatusAsync(token) == 401, "the withdrawn key goes");
        Assert.Equal(2, issuer.Fetches);
    }

    [Fact]
    public async Task Known_tokens_and_keys_survive_a_reload_while_the_issuer_is_away()
    {
        var token = issuer.Token();
        Assert.Equal(200, await StatusAsync(token));
        issuer.Status = 503;

        Assert.Empty(await gateway.ApplyAsync(Configuration("permissions: [orders:read]")));
        Assert.Equal(200, await StatusAsync(token));
        Assert.Equal(200, await StatusAsync(issuer.Token(claims => claims["sub"] = "another")));
        Assert.Equal(1, issuer.Fetches);
    }

    [Theory]
    [InlineData(404, null, null, null)]
    [InlineData(200, "https://another.example", null, null)]
    [InlineData(200, null, "not a url", null)]
    [InlineData(200, null, "ftp://127.0.0.1/keys", null)]
    [InlineData(200, null, null, "garbage")]
    [InlineData(200, null, null, "[]")]
    public async Task Keys_that_do_not_come_as_they_must_refuse_the_token(int status, string? name, string? address, string? document)
    {
        (issuer.Status, issuer.Name, issuer.KeyAddress, issuer.Document) = (status, name, address, document);
        Assert.Equal(401, await StatusAsync(issuer.Token()));
        (issuer.Status, issuer.Name, issuer.KeyAddress, issuer.Document) = (200, null, null, null);
        clock.Advance(RemoteKeys.MinimumInterval);
        Assert.Equal(200, await StatusAsync(issuer.Token(claims => claims["jti"] = "2")));
    }

    [Theory]
    [InlineData("127.0.0.1", "localhost", "")]
    [InlineData("localhost", "127.0.0.1", "")]
    [InlineData("localhost", "keys.localhost", "")]
    [InlineData("localhost", "127.0.0.1", "network: { allow: [203.0.113.0/24] }")]
    public async Task Keys_are_not_fetched_from_an_address_inside_that_the_issuers_document_names(string host, string keys, string network)
    {
        await ListenToAsync(host, network);
        issuer.KeyAddress = UrlAt(keys) + "/keys";
        Assert.Equal(401, await StatusAsync(TokenOf(host)));
        Assert.Equal(0, issuer.Fetches);

        // At the host that the operator named, there is nothing against them.
        issuer.KeyAddress = UrlAt(host) + "/keys";
        await ListenToAsync(host, string.Empty);
        clock.Advance(RemoteKeys.MinimumInterval);
        Assert.Equal(200, await StatusAsync(TokenOf(host)));
    }

    [Theory]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/keys")]
    public async Task Keys_are_not_fetched_from_where_the_issuer_redirects(string path)
    {
        await using var bait = await OutsideIssuer.StartAsync(clock);
        bait.Name = issuer.Url;
        issuer.Moved = (path, bait.Url + path);

        Assert.Equal(401, await StatusAsync(bait.Token(claims => claims["iss"] = issuer.Url)));
        Assert.Equal(0, bait.Fetches);
        Assert.Equal(0, bait.Questions);
    }

    [Theory]
    [InlineData("network: { deny: [127.0.0.0/8] }", 401, 0)]
    [InlineData("network: { allow: [203.0.113.0/24] }", 401, 0)]
    [InlineData("network: { deny: [203.0.113.0/24] }", 200, 1)]
    public async Task Keys_are_fetched_only_where_the_network_rules_let_the_issuers_name_lead(string network, int status, int fetches)
    {
        await ListenToAsync("localhost", network);
        issuer.KeyAddress = UrlAt("localhost") + "/keys";
        Assert.Equal(status, await StatusAsync(TokenOf("localhost")));
        Assert.Equal(fetches, issuer.Fetches);
        Assert.Equal(fetches, issuer.Questions);
    }

    [Fact]
    public async Task A_key_set_of_more_than_256_KiB_is_refused()
    {
        issuer.Document = "{\"keys\":[], \"x\": \"" + new string('x', 256 * 1024) + "\"}";
        Assert.Equal(401, await StatusAsync(issuer.Token()));
    }

    [Fact]
    public async Task An_address_of_the_keys_that_is_written_is_asked_without_discovery()
    {
        issuer.Name = "https://another.example";
        Assert.Empty(await gateway.ApplyAsync(Configuration($"jwks: \"{issuer.Url}/keys\"")));
        Assert.Equal(200, await StatusAsync(issuer.Token()));
    }

    [Fact]
    public async Task Tokens_without_typ_are_taken_only_where_that_is_said()
    {
        Assert.Equal(401, await StatusAsync(issuer.Token(type: null)));
        Assert.Empty(await gateway.ApplyAsync(Configuration("acceptUntyped: true")));
        Assert.Equal(200, await StatusAsync(issuer.Token(type: null)));
        Assert.Equal(401, await StatusAsync(issuer.Token(type: "logout+jwt")));
    }

    [Theory]
    [InlineData("", "permissions", "\"orders:read orders:write\"", "orders:read orders:write")]
    [InlineData("", "scope", "\"orders:read openid\"", "openid orders:read")]
    [InlineData("", "scope", "[\"orders:read\", \"openid\"]", "openid orders:read")]
    [InlineData("permissionsClaim: scp", "scp", "\"orders:read orders:write\"", "orders:read orders:write")]
    [InlineData("permissionsClaim: scp", "scp", "[\"orders:read\", 7, \"orders:write\"]", "orders:read orders:write")]
    [InlineData("permissionsClaim: roles", "roles", "\"orders:read\"", "orders:read")]
    [InlineData("permissions: [orders:read]", "permissions", "[\"orders:read\", \"admin:all\"]", "orders:read")]
    [InlineData("permissionsClaim: scp, permissions: [orders:read, orders:write]", "scp", "\"orders:read admin:all\"", "orders:read")]
    public async Task Permissions_are_read_as_the_issuer_writes_them(string keys, string claim, string value, string expected)
    {
        Assert.Empty(await gateway.ApplyAsync(Configuration(keys)));
        using var response = await SendAsync(issuer.Token(claims =>
        {
            claims.Remove("permissions");
            claims[claim] = JsonNode.Parse(value);
        }));
        Assert.Equal($"{issuer.Url}|somebody|{expected}", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("permissions: [orders:write]", "permissions", "[\"orders:read\"]")]
    [InlineData("permissionsClaim: scp", "permissions", "[\"orders:read\"]")]
    [InlineData("", "permissions", "{\"orders:read\": true}")]
    public async Task Permissions_that_do_not_count_are_none(string keys, string claim, string value)
    {
        Assert.Empty(await gateway.ApplyAsync(Configuration(keys)));
        Assert.Equal(403, await StatusAsync(issuer.Token(claims => claims[claim] = JsonNode.Parse(value))));
    }

    [Fact]
    public async Task An_outside_subject_is_told_apart_from_the_gateways_own_of_the_same_name()
    {
        var own = await gateway.TokenAsync("orders:read");
        using var mine = await SendAsync(own);
        Assert.Equal("|client0|orders:read", await mine.Content.ReadAsStringAsync());
        using var theirs = await SendAsync(issuer.Token(claims => claims["sub"] = "client0"));
        Assert.Equal($"{issuer.Url}|client0|orders:read", await theirs.Content.ReadAsStringAsync());

        await Eventually.HoldsAsync(
            async () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return File.Exists(gateway.DecisionLogPath) && (await File.ReadAllLinesAsync(gateway.DecisionLogPath)).Length == 3;
            },
            "three decisions are written");
        var callers = (await gateway.DecisionsAsync(3)).Where(line => line.GetProperty("route").GetString() == "api").Select(line => line.GetProperty("caller").GetString());
        Assert.Equal(["client0", $"{issuer.Url} client0"], callers);
    }

    [Fact]
    public async Task An_issuer_that_a_client_claims_never_reaches_the_upstream()
    {
        using var client = gateway.Client();
        using var request = Request(await gateway.TokenAsync("orders:read"));
        request.Headers.Add("Portcullis-Issuer", "https://login.example");
        using var response = await client.SendAsync(request);
        Assert.Equal("|client0|orders:read", await response.Content.ReadAsStringAsync());
    }

    // Clocks may differ by 30 seconds. A token is judged alike whether it is known or not.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_expired_token_says_so_known_or_not(bool isKnown)
    {
        foreach (var token in new[] { await gateway.TokenAsync("orders:read"), issuer.Token(claims => claims["exp"] = clock.Seconds + 3600) })
        {
            if (isKnown) Assert.Equal(200, await StatusAsync(token));
            clock.Advance(TimeSpan.FromSeconds(3629));
            if (isKnown) Assert.Equal(200, await StatusAsync(token));
            clock.Advance(TimeSpan.FromSeconds(1));

            using var response = await SendAsync(token);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Contains("\"code\":\"token.expired\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal("Bearer error=\"invalid_token\", error_description=\"The access token expired\"", response.Headers.WwwAuthenticate.ToString());
            clock.Advance(TimeSpan.FromSeconds(-3630));
        }
    }

    private string UrlAt(string host) => issuer.Url.Replace("127.0.0.1", host, StringComparison.Ordinal);

    private string TokenOf(string host) => issuer.Token(claims => claims["iss"] = UrlAt(host));

    /// <summary>Makes the issuer one that the operator has named by this host.</summary>
    private async Task ListenToAsync(string host, string issuerKeys)
    {
        issuer.Name = UrlAt(host);
        Assert.Empty(await gateway.ApplyAsync(Configuration(issuerKeys, issuer.Name)));
    }

    private string Configuration(string issuerKeys = "", string? url = null) =>
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
          externalIssuers: [{ issuer: "{{url ?? issuer.Url}}", audience: api{{(issuerKeys.Length == 0 ? "" : ", " + issuerKeys)}} }]
        telemetry: { decisionLog: "{decisionLog}" }
        """;

    private HttpRequestMessage Request(string token)
        => new(HttpMethod.Get, gateway.Address("/api/x")) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };

    private async Task<HttpResponseMessage> SendAsync(string token)
    {
        using var client = gateway.Client();
        using var request = Request(token);
        return await client.SendAsync(request);
    }

    private async Task<int> StatusAsync(string token)
    {
        using var response = await SendAsync(token);
        return (int)response.StatusCode;
    }
}
