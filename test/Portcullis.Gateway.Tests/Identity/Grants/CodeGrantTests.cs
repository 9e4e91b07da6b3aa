using System.Text;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Events;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Tests.Identity.Grants;

/// <summary>What a code gives, and all the ways in which it gives nothing.</summary>
public sealed class CodeGrantTests : IAsyncLifetime
{
    private CodeFlow flow = null!;

    public async ValueTask InitializeAsync() => flow = await CodeFlow.StartAsync();

    public ValueTask DisposeAsync() => flow.DisposeAsync();

    [Fact]
    public async Task Code_gives_an_access_token_of_what_client_and_person_both_may()
    {
        var reply = await flow.SignInAsync();
        Assert.True(UnverifiedToken.TryParse(Encoding.ASCII.GetBytes(reply.Access), out var token, out _));
        Assert.Equal(("ada", "app", TokenTypes.AccessToken), (token.Claims.Subject, token.Claims.ClientId, token.Type));

        // ada has no orders:write, and the client none of orders:list.
        Assert.Equal(["orders:read"], token.Claims.Permissions);
        Assert.Equal("openid profile email orders:read", token.Claims.Scope);
        Assert.Equal(token.Claims.Scope, reply.Text("scope"));
        Assert.Equal("session-of-ada", token.Claims.FindString("sid"u8));
        Assert.NotNull(token.Claims.FindString("grant_id"u8));
        Assert.Equal(flow.Clock.Seconds - 300, token.Claims.FindInteger("auth_time"u8)!.Value, 2d);
    }

    // OpenID Connect Core §11: what is to last without its person does not end with the session, so its tokens tell none.
    [Fact]
    public async Task Offline_access_tells_no_session_and_outlasts_it()
    {
        var request = CodeFlow.Request();
        request["scope"] = "openid offline_access orders:read";
        var (lasting, bound) = (await flow.RedeemAsync(await flow.CodeAsync(request)), await flow.SignInAsync());
        Assert.True(UnverifiedToken.TryParse(Encoding.ASCII.GetBytes(lasting.Access), out var token, out _));
        Assert.Null(token.Claims.FindString("sid"u8));

        Assert.Equal(1, await flow.Gateway.Grants.EndGrantsOfSessionAsync("ada", "session-of-ada", flow.Clock.GetUtcNow(), CancellationToken.None));
        Assert.True(await flow.IsActiveAsync(lasting.Refresh));
        Assert.False(await flow.IsActiveAsync(bound.Refresh));
    }

    [Fact]
    public async Task ID_token_is_for_the_client_alone_and_no_access_token()
    {
        var reply = await flow.SignInAsync();
        var id = reply.Text("id_token");
        var keys = flow.Gateway.Keys.Current.PublicKeys(KeyPurpose.TokenSigning);
        var result = new TokenVerifier(new TokenRules { Issuer = CodeFlow.Issuer, Audiences = ["app"], Types = TokenTypes.Jwt }, flow.Clock).Verify(id, keys);
        Assert.True(result.IsValid, result.ToString());
        Assert.Equal("n-0S6", result.Claims.FindString("nonce"u8));

        // RFC 9068 §5, RFC 8725 §3.11.
        Assert.False(await flow.IsActiveAsync(id));
        Assert.Equal(TokenFailure.WrongType, new TokenVerifier(new TokenRules { Issuer = CodeFlow.Issuer, Audiences = ["app"] }, flow.Clock).Verify(id, keys).Failure);
    }

    [Fact]
    public async Task Without_openid_there_is_no_id_token()
    {
        var request = CodeFlow.Request();
        request["scope"] = "orders:read";
        var reply = await flow.RedeemAsync(await flow.CodeAsync(request));
        Assert.False(reply.Body.TryGetProperty("id_token", out _));
        using var userInfo = await UserInfoAsync(reply.Access);
        Assert.Equal(403, (int)userInfo.StatusCode);
    }

    [Fact]
    public async Task Code_presented_twice_ends_all_that_it_gave()
    {
        var code = await flow.CodeAsync();
        var first = await flow.RedeemAsync(code);
        Assert.True(await flow.IsActiveAsync(first.Access));

        Assert.Equal("invalid_grant", (await flow.RedeemAsync(code)).Error);
        Assert.False(await flow.IsActiveAsync(first.Access));
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(first.Refresh)).Error);
        Assert.Equal([SecurityEventKind.CodeReplayed], flow.Gateway.Events.Kinds);
    }

    // Code injection and interception: RFC 9700 §4.5; what the code is bound to.
    [Theory]
    [InlineData("redirect_uri", "https://app.example/other?keep=1")]
    [InlineData("redirect_uri", "https://evil.example/cb")]
    [InlineData("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl")]
    [InlineData("code_verifier", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")]
    [InlineData("code_verifier", "short")]
    [InlineData("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk ")]
    public async Task Code_with_anything_else_than_it_is_bound_to_is_worth_nothing_any_more(string name, string value)
    {
        var code = await flow.CodeAsync();
        Assert.Equal("invalid_grant", (await flow.RedeemAsync(code, (name, value))).Error);
        Assert.Equal([SecurityEventKind.CodeMisused], flow.Gateway.Events.Kinds);

        // Not even for whom it was meant for: somebody else has it.
        Assert.Equal("invalid_grant", (await flow.RedeemAsync(code)).Error);
    }

    [Fact]
    public async Task Code_of_another_client_is_worth_nothing()
    {
        var (_, secret) = flow.Gateway.Clients.Add("other", CodeFlow.Registered, "orders:read");
        var code = await flow.CodeAsync();
        Assert.Equal("invalid_grant", (await flow.RedeemAsync(code, ("client_id", "other"), ("client_secret", secret))).Error);
        Assert.Equal("invalid_grant", (await flow.RedeemAsync(code)).Error);
        Assert.Equal("other", flow.Gateway.Events.All.First().ClientId);
    }

    [Theory]
    [InlineData("code")]
    [InlineData("redirect_uri")]
    [InlineData("code_verifier")]
    public async Task Nothing_may_be_left_out_and_the_code_is_not_spent_by_that(string name)
    {
        var code = await flow.CodeAsync();
        Assert.Equal("invalid_request", (await flow.RedeemAsync(code, (name, null))).Error);
        Assert.Equal(200, (await flow.RedeemAsync(code)).Status);
    }

    [Fact]
    public async Task Code_counts_for_a_minute()
    {
        var (late, early) = (await flow.CodeAsync(), await flow.CodeAsync());
        flow.Clock.Advance(TimeSpan.FromSeconds(58));
        Assert.Equal(200, (await flow.RedeemAsync(early)).Status);
        flow.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("invalid_grant", (await flow.RedeemAsync(late)).Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("pac_")]
    [InlineData("prt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("pac_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("pac_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB")]
    public async Task What_is_no_code_is_refused(string code)
        => Assert.Contains((await flow.RedeemAsync(code)).Error, (string[])["invalid_grant", "invalid_request"]);

    [Fact]
    public async Task Person_disabled_in_between_gets_nothing()
    {
        var code = await flow.CodeAsync();
        flow.Gateway.People.Disable("ada");
        Assert.Equal("invalid_grant", (await flow.RedeemAsync(code)).Error);
    }

    [Fact]
    public async Task Client_registered_for_no_refresh_gets_no_refresh_token()
    {
        flow.Gateway.Clients.Add("brief", client => CodeFlow.Registered(client) with { Grants = ["authorization_code"], Authentication = ClientAuthenticationMethod.None }, "orders:read");
        var request = CodeFlow.Request();
        (request["client_id"], request["scope"]) = ("brief", "orders:read");
        var reply = await flow.RedeemAsync(await flow.CodeAsync(request), ("client_id", "brief"), ("client_secret", null));
        Assert.Equal(200, reply.Status);
        Assert.False(reply.Body.TryGetProperty("refresh_token", out _));
    }

    [Fact]
    public async Task Client_with_a_secret_can_not_leave_it_out()
    {
        var reply = await flow.RedeemAsync(await flow.CodeAsync(), ("client_secret", null));
        Assert.Equal((401, "invalid_client"), (reply.Status, reply.Error));
    }

    [Fact]
    public async Task Public_client_acts_for_nobody_but_people()
    {
        flow.Gateway.Clients.Add("phone", client => CodeFlow.Registered(client) with { Authentication = ClientAuthenticationMethod.None }, "orders:read");
        Assert.Equal("unauthorized_client", (await flow.PostAsync("/oauth/token", ("grant_type", "client_credentials"), ("client_id", "phone"), ("client_secret", null))).Error);
        Assert.Equal(401, (await flow.PostAsync("/oauth/introspect", ("token", "x"), ("client_id", "phone"), ("client_secret", null))).Status);
    }

    [Fact]
    public async Task Grant_that_the_client_is_not_registered_for_is_refused()
    {
        var (id, secret) = flow.Gateway.Clients.Add("orders:read");
        var reply = await flow.RedeemAsync(await flow.CodeAsync(), ("client_id", id), ("client_secret", secret));
        Assert.Equal("unauthorized_client", reply.Error);
    }

    [Fact]
    public async Task User_info_tells_what_the_scope_allows()
    {
        var reply = await flow.SignInAsync();
        using var response = await UserInfoAsync(reply.Access);
        Assert.Equal("""{"sub":"ada","name":"Ada L.","preferred_username":"ada","email":"ada@example.com","email_verified":true}""", await response.Content.ReadAsStringAsync());
        Assert.True(response.Headers.CacheControl!.NoStore);

        var request = CodeFlow.Request();
        request["scope"] = "openid";
        using var little = await UserInfoAsync((await flow.RedeemAsync(await flow.CodeAsync(request))).Access);
        Assert.Equal("""{"sub":"ada"}""", await little.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task User_info_is_for_bearers_of_a_token_that_counts()
    {
        Assert.Equal(401, (int)(await UserInfoAsync(null)).StatusCode);
        Assert.Equal(401, (int)(await UserInfoAsync("nonsense")).StatusCode);
        var access = (await flow.SignInAsync()).Access;
        await flow.PostAsync("/oauth/revoke", ("token", access));
        Assert.Equal(401, (int)(await UserInfoAsync(access)).StatusCode);

        // A client that bears a person's name is no person (RFC 9700 §4.15).
        flow.Gateway.Clients.Add("ada", client => client with { Permissions = ["openid"] });
        var (_, secret) = flow.Gateway.Clients.Add("ada", client => client with { Permissions = ["openid"] });
        var own = await flow.PostAsync("/oauth/token", ("grant_type", "client_credentials"), ("client_id", "ada"), ("client_secret", secret));
        Assert.Equal(403, (int)(await UserInfoAsync(own.Access)).StatusCode);
    }

    private Task<HttpResponseMessage> UserInfoAsync(string? token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, flow.Gateway.Address("/oauth/userinfo"));
        if (token is not null) request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        return flow.Http.SendAsync(request);
    }
}
