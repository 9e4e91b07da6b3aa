using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Policies.Authenticate;

/// <summary>Routes that want a token, seen from outside.</summary>
public sealed partial class TokenRouteTests : IAsyncLifetime
{
    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync(
            $"{context.Request.Headers["Portcullis-Subject"]}|{context.Request.Headers["Portcullis-Permissions"]}|{context.Request.Headers.Authorization}"));
        gateway = await TestGateway.StartAsync(Configuration(upstream.Url));
        client = gateway.Client();
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await gateway.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task Request_without_a_token_is_challenged_without_an_error_code()
    {
        using var response = await client.GetAsync(gateway.Address("/api/x"));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        Assert.Contains("\"code\":\"auth.required\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_with_the_permission_is_let_through_and_the_upstream_told_who_it_is()
    {
        var token = await gateway.TokenAsync("orders:read", "orders:write");
        using var response = await SendAsync("/api/x", token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal($"client0|orders:read orders:write|Bearer {token}", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Credential_stays_at_the_gateway_where_the_route_says_so()
    {
        using var response = await SendAsync("/kept", await gateway.TokenAsync("orders:read"));
        Assert.Equal("client0|orders:read|", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Token_without_the_permission_is_forbidden()
    {
        using var response = await SendAsync("/api/x", await gateway.TokenAsync("orders:write"));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("insufficient_scope", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Contains("\"code\":\"permission.denied\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Route_that_names_no_permission_denies_everybody()
    {
        using var response = await SendAsync("/silent", await gateway.TokenAsync("orders:read"));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Changed_token_is_refused_also_after_the_good_one_is_known()
    {
        var token = await gateway.TokenAsync("orders:read");
        (await SendAsync("/api/x", token)).Dispose();
        var middle = token.Length / 2;
        var forged = token[..middle] + (token[middle] == 'A' ? 'B' : 'A') + token[(middle + 1)..];
        using var response = await SendAsync("/api/x", forged);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("\"code\":\"token.invalid\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("Bearer error=\"invalid_token\"", response.Headers.WwwAuthenticate.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.")]
    public async Task What_is_no_token_is_refused(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address("/api/x"));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Two_authorization_fields_are_refused()
    {
        var token = await gateway.TokenAsync("orders:read");
        var raw = $"GET /api/x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n";
        Assert.StartsWith("HTTP/1.1 401", await RawHttp.SendAsync(gateway.EndPoint(), raw), StringComparison.Ordinal);
    }

    // A proxy in front sends many callers' requests on one connection.
    [Fact]
    public async Task Each_request_on_a_connection_counts_for_the_token_that_it_has()
    {
        var (one, other) = (await gateway.TokenAsync("orders:read"), await gateway.TokenAsync("orders:read"));
        string[] tokens = [one, one, one, other, one, other, other, string.Empty, one];
        var requests = string.Concat(tokens.Select((token, i) =>
            $"GET /kept HTTP/1.1\r\nHost: a\r\n{(token.Length == 0 ? "" : $"Authorization: Bearer {token}\r\n")}{(i == tokens.Length - 1 ? "Connection: close\r\n" : "")}\r\n"));
        var answers = await RawHttp.SendAsync(gateway.EndPoint(), requests);

        Assert.Equal(
            tokens.Select(token => token.Length == 0 ? "\"code\":\"auth.required\"" : token == one ? "client0|" : "client1|"),
            Identified().Matches(answers).Select(match => match.Value));
    }

    [Fact]
    public async Task Identity_fields_of_the_client_never_reach_the_upstream()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address("/open"));
        request.Headers.Add("Portcullis-Subject", "admin");
        request.Headers.Add("Portcullis-Permissions", "everything:do");
        using var response = await client.SendAsync(request);
        Assert.Equal("||", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Revoked_signing_key_ends_known_tokens_at_once()
    {
        var token = await gateway.TokenAsync("orders:read");
        (await SendAsync("/api/x", token)).Dispose();
        var old = gateway.Keys.Current.Keys.First(key => key.State == Trust.Keys.KeyState.Active).Id;
        gateway.Keys.Rotate(Trust.Keys.KeyPurpose.TokenSigning, immediately: true);
        using (var still = await SendAsync("/api/x", token)) Assert.Equal(HttpStatusCode.OK, still.StatusCode);
        gateway.Keys.Destroy(old);
        using var response = await SendAsync("/api/x", token);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Changed_audience_ends_known_tokens_at_once()
    {
        var token = await gateway.TokenAsync("orders:read");
        (await SendAsync("/api/x", token)).Dispose();
        Assert.Empty(await gateway.ApplyAsync(Configuration(upstream.Url) + "  audience: urn:another\n"));
        using var response = await SendAsync("/api/x", token);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [GeneratedRegex("client\\d\\||\"code\":\"auth\\.required\"")]
    private static partial Regex Identified();

    private static string Configuration(string upstream) =>
        $$"""
        listeners:
          public: { address: 127.0.0.1:0 }
        clusters:
          app: { destinations: ["{{upstream}}"] }
        routes:
          api:
            match: { path: "/api/{**rest}" }
            cluster: app
            policies: { authenticate: token, authorize: { permissions: [orders:read] } }
          kept:
            match: { path: /kept }
            cluster: app
            policies: { authenticate: { methods: token, forwardAuthorization: false }, authorize: authenticated }
          silent:
            match: { path: /silent }
            cluster: app
            policies: { authenticate: token }
          open:
            match: { path: /open }
            cluster: app
            policies: { authenticate: none }
        identity:
          issuer: https://issuer.example

        """;

    private async Task<HttpResponseMessage> SendAsync(string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address(path)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        return await client.SendAsync(request);
    }
}
