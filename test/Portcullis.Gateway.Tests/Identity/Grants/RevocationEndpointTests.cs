using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Gateway.Identity.Revocations;

namespace Portcullis.Gateway.Tests.Identity.Grants;

/// <summary>Revocation (RFC 7009) and introspection (RFC 7662), and that routes heed the one at once.</summary>
public sealed class RevocationEndpointTests : IAsyncLifetime
{
    private TestUpstream upstream = null!;
    private CodeFlow flow = null!;

    public async ValueTask InitializeAsync()
    {
        upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("upstream"));
        flow = await CodeFlow.StartAsync(
            $$"""
            clusters: { app: { destinations: ["{{upstream.Url}}"] } }
            routes: { api: { match: { path: /api }, cluster: app, policies: { authenticate: token, authorize: authenticated } } }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await flow.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task Revoked_access_token_is_refused_though_it_was_known_and_others_are_not()
    {
        var (one, other) = (await flow.SignInAsync(), await flow.SignInAsync());
        Assert.Equal(200, await StatusAsync(one.Access));
        Assert.Equal(200, await StatusAsync(one.Access));
        Assert.Equal(200, (await flow.PostAsync("/oauth/revoke", ("token", one.Access), ("token_type_hint", "refresh_token"))).Status);

        Assert.Equal(401, await StatusAsync(one.Access));
        Assert.Equal(401, await StatusAsync(one.Access));
        Assert.Equal(200, await StatusAsync(other.Access));
        Assert.False(await flow.IsActiveAsync(one.Access));
        Assert.Equal(200, (await flow.RefreshAsync(one.Refresh)).Status);
    }

    [Fact]
    public async Task Revoked_token_that_nobody_had_seen_is_refused_too()
    {
        var one = await flow.SignInAsync();
        await flow.PostAsync("/oauth/revoke", ("token", one.Access));
        Assert.Equal(401, await StatusAsync(one.Access));
    }

    [Fact]
    public async Task Revoked_refresh_token_takes_its_grant_along()
    {
        var one = await flow.SignInAsync();
        var two = await flow.RefreshAsync(one.Refresh);
        Assert.Equal(200, await StatusAsync(one.Access));

        // The spent one will do.
        Assert.Equal(200, (await flow.PostAsync("/oauth/revoke", ("token", one.Refresh))).Status);
        Assert.Equal(401, await StatusAsync(one.Access));
        Assert.Equal(401, await StatusAsync(two.Access));
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(two.Refresh)).Error);
        Assert.Equal([SecurityEventKind.TokenRevoked], flow.Gateway.Events.Kinds);
    }

    [Fact]
    public async Task Token_of_another_client_is_not_revoked()
    {
        var (_, secret) = flow.Gateway.Clients.Add("other", CodeFlow.Registered);
        var one = await flow.SignInAsync();
        foreach (var token in new[] { one.Access, one.Refresh })
            Assert.Equal("unauthorized_client", (await flow.PostAsync("/oauth/revoke", ("token", token), ("client_id", "other"), ("client_secret", secret))).Error);
        Assert.Equal(200, await StatusAsync(one.Access));
        Assert.Equal(200, (await flow.RefreshAsync(one.Refresh)).Status);
        Assert.All(flow.Gateway.Events.Kinds, kind => Assert.Equal(SecurityEventKind.ForeignRevocation, kind));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("prt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task What_is_no_token_is_answered_like_one(string token)
    {
        Assert.Equal(200, (await flow.PostAsync("/oauth/revoke", ("token", token))).Status);
        Assert.Equal("""{"active":false}""", (await flow.PostAsync("/oauth/introspect", ("token", token))).Body.GetRawText());
    }

    [Theory]
    [InlineData("/oauth/revoke")]
    [InlineData("/oauth/introspect")]
    public async Task Nobody_asks_without_being_an_authenticated_client(string path)
    {
        var one = await flow.SignInAsync();
        Assert.Equal(401, (await flow.PostAsync(path, ("token", one.Access), ("client_secret", "wrong"))).Status);
        Assert.Equal(401, (await flow.PostAsync(path, ("token", one.Access), ("client_secret", null))).Status);
        Assert.Equal("invalid_request", (await flow.PostAsync(path)).Error);
        Assert.Equal(200, await StatusAsync(one.Access));
    }

    [Fact]
    public async Task Introspection_tells_what_a_token_says()
    {
        var one = await flow.SignInAsync();
        var access = (await flow.PostAsync("/oauth/introspect", ("token", one.Access))).Body;
        Assert.Equal(("ada", "app", CodeFlow.Issuer, "Bearer"), (access.GetProperty("sub").GetString(), access.GetProperty("client_id").GetString(), access.GetProperty("iss").GetString(), access.GetProperty("token_type").GetString()));
        var refresh = (await flow.PostAsync("/oauth/introspect", ("token", one.Refresh))).Body;
        Assert.True(refresh.GetProperty("active").GetBoolean());

        // A refresh token is told about to nobody else.
        var (id, secret) = flow.Gateway.Clients.Add("orders:read");
        Assert.False((await flow.PostAsync("/oauth/introspect", ("token", one.Refresh), ("client_id", id), ("client_secret", secret))).Body.GetProperty("active").GetBoolean());
        Assert.True((await flow.PostAsync("/oauth/introspect", ("token", one.Access), ("client_id", id), ("client_secret", secret))).Body.GetProperty("active").GetBoolean());
    }

    [Theory]
    [InlineData(RevocationKind.Session, "session-of-ada", true)]
    [InlineData(RevocationKind.Session, "session-of-bob", false)]
    [InlineData(RevocationKind.Subject, "ada", true)]
    [InlineData(RevocationKind.Client, "app", true)]
    [InlineData(RevocationKind.Client, "ada", false)]
    [InlineData(RevocationKind.Subject, "app", false)]
    public async Task What_another_node_revokes_counts_here_within_a_second(RevocationKind kind, string id, bool isEnded)
    {
        var one = await flow.SignInAsync();
        Assert.Equal(200, await StatusAsync(one.Access));
        await flow.Gateway.Grants.AddAsync(new Revocation(kind, id, flow.Clock.GetUtcNow()), CancellationToken.None);
        await flow.Gateway.Grants.AddAsync(new Revocation(RevocationKind.Token, "marker", flow.Clock.GetUtcNow()), CancellationToken.None);
        var before = flow.Gateway.Host.State.Revocations.Count;
        flow.Clock.Advance(TimeSpan.FromMilliseconds(999));
        await Eventually.HoldsAsync(() => flow.Gateway.Host.State.Revocations.Count >= before + 2, "the feed has been read");
        Assert.Equal(isEnded ? 401 : 200, await StatusAsync(one.Access));

        // Who signs in later is let in again.
        flow.Clock.Advance(TimeSpan.FromSeconds(2));
        if (kind != RevocationKind.Session) Assert.Equal(200, await StatusAsync((await flow.SignInAsync()).Access));
    }

    private async Task<int> StatusAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, flow.Gateway.Address("/api")) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var response = await flow.Http.SendAsync(request);
        if (response.StatusCode == HttpStatusCode.Unauthorized) Assert.Equal("token.invalid", await response.CodeAsync());
        return (int)response.StatusCode;
    }
}
