using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Tests.Hosting;
using Portcullis.Gateway.Tests.Identity.Grants;
using Portcullis.Gateway.Tests.Identity.Memory;

namespace Portcullis.Gateway.Tests.Identity.Roles;

/// <summary>Tokens that are out already are held against what their subjects and clients may do now.</summary>
public sealed class TokensOutAlreadyTests : IAsyncLifetime
{
    private readonly TestEntitlements entitlements = new();
    private TestUpstream upstream = null!;
    private TestGateway gateway = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync(context.Request.Headers["Portcullis-Permissions"].ToString()));
        gateway = await TestGateway.StartAsync(Configuration(upstream.Url), change: services => services with { Entitlements = entitlements });
        client = gateway.Client();
        entitlements.Set("client0", "orders:read", "orders:write");
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await gateway.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_permission_that_was_taken_away_is_gone_from_a_known_token_with_the_next_request()
    {
        var token = await gateway.TokenAsync("orders:read", "orders:write");
        Assert.Equal((HttpStatusCode.OK, "orders:read orders:write"), await SendAsync("/read", token));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("/write", token)).Status);

        entitlements.Set("client0", "orders:read");

        Assert.Equal((HttpStatusCode.OK, "orders:read"), await SendAsync("/read", token));
        var (status, body) = await SendAsync("/write", token);
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("permission.denied", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_permission_that_is_given_back_counts_again_and_none_is_added_to_what_a_token_says()
    {
        var token = await gateway.TokenAsync("orders:read");
        entitlements.Set("client0");
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("/read", token)).Status);

        entitlements.Set("client0", "orders:*");

        Assert.Equal((HttpStatusCode.OK, "orders:read"), await SendAsync("/read", token));
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("/write", token)).Status);
    }

    [Fact]
    public async Task A_subject_that_nobody_knows_any_more_may_do_nothing()
    {
        var token = await gateway.TokenAsync("orders:read");
        var (id, _) = gateway.Clients.Add("orders:read");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("/read", token)).Status);
        Assert.NotEqual("client0", id);

        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("/read", await gateway.TokenAsync("orders:read"))).Status);
    }

    [Fact]
    public async Task Permissions_are_looked_up_once_for_each_change()
    {
        var token = await gateway.TokenAsync("orders:read");
        await SendAsync("/read", token);
        var before = entitlements.Asked;
        for (var i = 0; i < 20; i++) await SendAsync("/read", token);
        Assert.Equal(before, entitlements.Asked);

        entitlements.Set("somebody", "orders:read");
        for (var i = 0; i < 20; i++) await SendAsync("/read", token);
        Assert.Equal(before + 1, entitlements.Asked);
    }

    [Fact]
    public async Task No_token_counts_before_it_is_known_what_anybody_may_do()
    {
        var later = new TestEntitlements(isLoaded: false);
        await using var starting = await TestGateway.StartAsync(Configuration(upstream.Url), change: services => services with { Entitlements = later });
        using var http = starting.Client();
        var token = await starting.TokenAsync("orders:read");
        using var request = new HttpRequestMessage(HttpMethod.Get, starting.Address("/read")) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        var pending = http.SendAsync(request);
        await Task.WhenAny(pending, Task.Delay(300));
        Assert.False(pending.IsCompleted);

        later.Set("client0", "orders:read");
        later.Load();
        using var response = await pending;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task What_a_client_lost_is_lost_to_tokens_of_people_too_and_introspection_says_so()
    {
        await using var flow = await CodeFlow.StartAsync(change: services => services with { Entitlements = entitlements });
        entitlements.Set("ada", "orders:read", "orders:list");
        entitlements.Set("app", "orders:read", "orders:write");
        var one = await flow.SignInAsync();
        Assert.Contains("orders:read", await ScopeAsync(), StringComparison.Ordinal);

        entitlements.Set("app", "orders:write");
        Assert.Equal("openid profile email", await ScopeAsync());
        entitlements.Set("app", "orders:read");
        entitlements.Set("ada");
        Assert.Equal("openid profile email", await ScopeAsync());

        async Task<string> ScopeAsync() => (await flow.PostAsync("/oauth/introspect", ("token", one.Access))).Text("scope");
    }

    [Fact]
    public async Task A_grant_that_was_begun_without_a_second_factor_gives_nothing_that_needs_one_and_step_up_does()
    {
        entitlements.SetPerson("ada", ["orders:read"], "orders:write");
        entitlements.Set("app", "orders:read", "orders:write");
        await using var flow = await CodeFlow.StartAsync(
            $$"""
            clusters: { app: { destinations: ["{{upstream.Url}}"] } }
            routes: { write: { match: { path: /write }, cluster: app, policies: { authenticate: token, authorize: { permissions: [orders:write] } } } }
            """,
            services => services with { Entitlements = entitlements });
        flow.Gateway.People.Change("ada", person => person with { Roles = [], BySeveralFactors = new(["orders:read", "orders:list", "orders:write"], ["administrator"]) });

        flow.Gateway.People.Methods = ["pwd"];
        var weak = await flow.SignInAsync();
        Assert.Equal("openid profile email orders:read", weak.Text("scope"));
        var (code, challenge) = await CallAsync(weak.Access);
        Assert.Equal("auth.step_up_required", code);
        Assert.Equal("Bearer error=\"insufficient_user_authentication\", error_description=\"A stronger or more recent sign-in is needed\", acr_values=\"mfa\"", challenge);

        // A refresh gives no more, whatever the person has by now.
        flow.Gateway.People.Methods = ["pwd", "otp", "mfa"];
        Assert.Equal("openid profile email orders:read", (await flow.RefreshAsync(weak.Text("refresh_token"))).Text("scope"));

        var strong = await flow.SignInAsync();
        Assert.Equal("openid profile email orders:read orders:write", strong.Text("scope"));
        Assert.Null((await CallAsync(strong.Access)).Code);
        Assert.Contains("orders:write", (await flow.PostAsync("/oauth/introspect", ("token", strong.Access))).Text("scope"), StringComparison.Ordinal);

        async Task<(string? Code, string Challenge)> CallAsync(string token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, flow.Gateway.Address("/write")) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token), ConnectionClose = true } };
            using var response = await flow.Http.SendAsync(request);
            if (response.StatusCode == HttpStatusCode.OK) return (null, string.Empty);
            return (await Tests.Policies.Authenticate.EchoGateway.CodeAsync(response), response.Headers.WwwAuthenticate.ToString());
        }
    }

    [Fact]
    public async Task A_token_that_was_out_when_the_role_began_to_ask_loses_what_the_role_gives_and_introspection_says_so()
    {
        entitlements.Set("ada", "orders:read", "orders:write");
        entitlements.Set("app", "orders:read", "orders:write");
        await using var flow = await CodeFlow.StartAsync(change: services => services with { Entitlements = entitlements });
        flow.Gateway.People.Methods = ["pwd"];
        flow.Gateway.People.Change("ada", person => person with { Permissions = ["orders:read", "orders:write"] });
        var one = await flow.SignInAsync();
        Assert.EndsWith("orders:read orders:write", (await flow.PostAsync("/oauth/introspect", ("token", one.Access))).Text("scope"), StringComparison.Ordinal);

        entitlements.SetPerson("ada", ["orders:read"], "orders:write");
        Assert.EndsWith("email orders:read", (await flow.PostAsync("/oauth/introspect", ("token", one.Access))).Text("scope"), StringComparison.Ordinal);
    }

    private static string Configuration(string upstream) =>
        $$"""
        listeners: { public: { address: 127.0.0.1:0 } }
        clusters: { app: { destinations: ["{{upstream}}"] } }
        routes:
          read: { match: { path: /read }, cluster: app, policies: { authenticate: token, authorize: { permissions: [orders:read] } } }
          write: { match: { path: /write }, cluster: app, policies: { authenticate: token, authorize: { permissions: [orders:write] } } }
        identity: { issuer: "https://issuer.example" }

        """;

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address(path)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
