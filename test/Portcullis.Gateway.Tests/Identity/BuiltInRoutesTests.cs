using System.Net;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Identity;

/// <summary>Where the gateway's own endpoints answer, whatever routes and listeners are beside them.</summary>
public sealed class BuiltInRoutesTests : IAsyncLifetime
{
    private const string Form = "grant_type=client_credentials&client_id=nobody&client_secret=wrong";

    private TestUpstream upstream = null!;

    public async ValueTask InitializeAsync() => upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("upstream"));

    public ValueTask DisposeAsync() => upstream.DisposeAsync();

    [Theory]
    [InlineData("", "api.example.com", true)]
    [InlineData("", "deep.wild.example.com", true)]
    [InlineData("", "other.example", true)]
    [InlineData("hosts: [issuer.example]", "issuer.example", true)]
    [InlineData("hosts: [issuer.example]", "api.example.com", false)]
    [InlineData("hosts: [api.example.com]", "api.example.com", true)]
    [InlineData("hosts: [\"*.example.com\"]", "api.example.com", true)]
    [InlineData("hosts: [\"*.example.com\"]", "a.wild.example.com", true)]
    [InlineData("hosts: [\"*.wild.example.com\"]", "a.wild.example.com", true)]
    [InlineData("hosts: [\"*.wild.example.com\"]", "api.example.com", false)]
    public async Task No_catch_all_takes_them_over_on_the_hosts_they_are_for(string hosts, string host, bool areOurs)
    {
        await using var gateway = await TestGateway.StartAsync(
            $$"""
            listeners:
              public: { address: 127.0.0.1:0 }
            clusters:
              upstream: { destinations: ["{{upstream.Url}}"] }
            routes:
              exact: { match: { hosts: [api.example.com], path: "/{**rest}" }, cluster: upstream, policies: { authenticate: none } }
              wildcard: { match: { hosts: ["*.wild.example.com"], path: "/{**rest}" }, cluster: upstream, policies: { authenticate: none } }
              any: { match: { path: "/{**rest}" }, cluster: upstream, policies: { authenticate: none } }
            identity: { issuer: "https://issuer.example", {{hosts}} }
            """);
        var token = await PostAsync(gateway, "public", host);
        var keys = await GetAsync(gateway, "/.well-known/jwks.json", host);
        var discovery = await GetAsync(gateway, "/.well-known/openid-configuration", host);

        Assert.Contains(areOurs ? "invalid_client" : "upstream", token, StringComparison.Ordinal);
        Assert.Contains(areOurs ? "\"keys\"" : "upstream", keys, StringComparison.Ordinal);
        Assert.Contains(areOurs ? "\"issuer\"" : "upstream", discovery, StringComparison.Ordinal);
        Assert.Contains("upstream", await GetAsync(gateway, "/x", host), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("203.0.113.7", "", 403, "tls.required")]
    [InlineData("203.0.113.7", "X-Forwarded-Proto: http\r\n", 403, "tls.required")]
    [InlineData("203.0.113.7", "X-Forwarded-Proto: https\r\n", 401, "invalid_client")]
    [InlineData("127.0.0.1", "", 401, "invalid_client")]
    public async Task Secrets_are_taken_over_https_or_from_this_machine(string client, string field, int status, string said)
    {
        await using var gateway = await TestGateway.StartAsync(
            """
            listeners:
              public: { address: 127.0.0.1:0, trustedProxies: [127.0.0.1] }
            identity: { issuer: "https://issuer.example" }
            """);
        var answer = await PostAsync(gateway, "public", "a", $"X-Forwarded-For: {client}\r\n{field}");

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains(said, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_listener_that_only_redirects_redirects_the_token_endpoint_as_well()
    {
        await using var gateway = await TestGateway.StartAsync(
            """
            listeners:
              public: { address: 127.0.0.1:0, tls: {} }
              plain: { address: 127.0.0.1:0 }
            routes:
              to-https: { match: { listeners: [plain], path: "/{**rest}" }, redirect: { scheme: https, port: 8443 }, policies: { authenticate: none } }
            identity: { issuer: "https://issuer.example" }
            """);
        var answer = await PostAsync(gateway, "plain", "localhost");
        Assert.StartsWith("HTTP/1.1 308 ", answer, StringComparison.Ordinal);
        Assert.Contains("Location: https://localhost:8443/oauth/token", answer, StringComparison.Ordinal);

        using var client = gateway.Client();
        using var overTls = await client.PostAsync(gateway.Address("/oauth/token"), new StringContent(Form, null, "application/x-www-form-urlencoded"));
        Assert.Equal(HttpStatusCode.Unauthorized, overTls.StatusCode);
    }

    [Theory]
    [InlineData("address: 0.0.0.0:8080", true)]
    [InlineData("address: 127.0.0.1:8080", false)]
    [InlineData("address: 0.0.0.0:8080, tls: {}", false)]
    [InlineData("address: 0.0.0.0:8080, trustedProxies: [10.0.0.1]", false)]
    public async Task Plain_listener_on_which_no_secret_is_taken_is_warned_of(string listener, bool isWarned)
    {
        await using var gateway = await TestGateway.StartAsync("listeners: { public: { address: 127.0.0.1:0 } }");
        var problems = gateway.Load($$"""
            listeners:
              public: { {{listener}} }
            identity: { issuer: "https://issuer.example" }
            """).Problems;

        Assert.False(problems.HasErrors);
        Assert.Equal(isWarned, problems.All.Any(problem => problem.ToString().Contains("/oauth/token refuses clients on other machines", StringComparison.Ordinal)));
    }

    private static Task<string> PostAsync(TestGateway gateway, string listener, string host, string fields = "") => RawHttp.SendAsync(
        gateway.EndPoint(listener),
        $"POST /oauth/token HTTP/1.1\r\nHost: {host}\r\n{fields}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {Form.Length}\r\nConnection: close\r\n\r\n{Form}");

    private static Task<string> GetAsync(TestGateway gateway, string path, string host)
        => RawHttp.SendAsync(gateway.EndPoint(), $"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
}
