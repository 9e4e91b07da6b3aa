using System.Net;
using static Portcullis.Gateway.Tests.Identity.Grants.CodeFlow;

namespace Portcullis.Gateway.Tests.Identity.Grants;

/// <summary>What the authorization endpoint gives, and to whom it never sends anybody.</summary>
public sealed class AuthorizationEndpointTests : IAsyncLifetime
{
    private CodeFlow flow = null!;

    public async ValueTask InitializeAsync() => flow = await StartAsync();

    public ValueTask DisposeAsync() => flow.DisposeAsync();

    [Fact]
    public async Task Code_comes_with_the_state_and_the_issuer_and_is_not_kept_anywhere()
    {
        using var response = await flow.AuthorizeAsync();
        var answer = Answer(response);
        Assert.Equal(["code", "iss", "state"], answer.Keys.Order());
        Assert.Equal(("st&te=1", Issuer), (answer["state"], answer["iss"]));
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
    }

    [Fact]
    public async Task Redirect_keeps_the_query_it_was_registered_with()
    {
        using var response = await flow.AuthorizeAsync(With("redirect_uri", "https://app.example/other?keep=1"));
        Assert.Equal("1", Answer(response, "https://app.example/other?keep=1&")["keep"]);
    }

    // RFC 9700 §4.1.3, §4.11: exact match, and no redirect before client and redirect are known.
    [Theory]
    [InlineData("redirect_uri", null)]
    [InlineData("redirect_uri", "")]
    [InlineData("redirect_uri", "https://evil.example/cb")]
    [InlineData("redirect_uri", "https://app.example/cb/")]
    [InlineData("redirect_uri", "https://app.example/cb?")]
    [InlineData("redirect_uri", "https://app.example/cb#x")]
    [InlineData("redirect_uri", "https://APP.example/cb")]
    [InlineData("redirect_uri", "https://app.example/./cb")]
    [InlineData("redirect_uri", "https://app.example/%63b")]
    [InlineData("redirect_uri", "https://app.example:443/cb")]
    [InlineData("redirect_uri", "https://app.example@evil.example/cb")]
    [InlineData("redirect_uri", "http://app.example/cb")]
    [InlineData("redirect_uri", "javascript:alert(1)")]
    [InlineData("redirect_uri", "https://app.example/cb\r\nX: y")]
    [InlineData("client_id", null)]
    [InlineData("client_id", "nobody")]
    public async Task Nobody_is_redirected_on_a_wrong_client_or_redirect(string name, string? value)
    {
        using var response = await flow.AuthorizeAsync(With(name, value));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Null(response.Headers.Location);
    }

    [Fact]
    public async Task Repeated_parameter_is_refused_without_a_redirect()
    {
        var query = string.Join('&', Request().Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}"));
        using var response = await flow.AuthorizeAsync(rawQuery: query + "&redirect_uri=https%3A%2F%2Fevil.example");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Null(response.Headers.Location);
    }

    [Fact]
    public async Task Disabled_or_unregistered_client_gets_nobody()
    {
        flow.Gateway.Clients.Disable("app");
        using var disabled = await flow.AuthorizeAsync();
        Assert.Equal(HttpStatusCode.BadRequest, disabled.StatusCode);

        var (id, _) = flow.Gateway.Clients.Add("orders:read");
        using var other = await flow.AuthorizeAsync(With("client_id", id));
        Assert.Equal(HttpStatusCode.BadRequest, other.StatusCode);
    }

    // RFC 6749 §4.1.2.1; PKCE downgrade: RFC 9700 §2.1.1, §4.8.
    [Theory]
    [InlineData("response_type", null, "invalid_request")]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_type", "code id_token", "unsupported_response_type")]
    [InlineData("response_mode", "fragment", "invalid_request")]
    [InlineData("code_challenge", null, "invalid_request")]
    [InlineData("code_challenge", "", "invalid_request")]
    [InlineData("code_challenge", "short", "invalid_request")]
    [InlineData("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c=", "invalid_request")]
    [InlineData("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN", "invalid_request")]
    [InlineData("code_challenge_method", null, "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("code_challenge_method", "s256", "invalid_request")]
    [InlineData("scope", "orders:delete", "invalid_scope")]
    [InlineData("prompt", "none login", "invalid_request")]
    [InlineData("prompt", "surprise", "invalid_request")]
    [InlineData("max_age", "-1", "invalid_request")]
    [InlineData("max_age", "soon", "invalid_request")]
    [InlineData("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported")]
    [InlineData("request_uri", "https://evil.example/r", "request_uri_not_supported")]
    public async Task Wrong_request_gives_its_error_to_the_client(string name, string? value, string error)
    {
        using var response = await flow.AuthorizeAsync(With(name, value));
        var answer = Answer(response);
        Assert.Equal((error, Issuer, "st&te=1"), (answer["error"], answer["iss"], answer["state"]));
        Assert.DoesNotContain("code", answer.Keys);
    }

    [Fact]
    public async Task Who_is_not_signed_in_is_sent_to_sign_in_and_back_to_this_very_request()
    {
        using var response = await flow.AuthorizeAsync(who: null);
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        var page = response.Headers.Location!.OriginalString;
        Assert.StartsWith("/account/sign-in?return=%2Foauth%2Fauthorize%3Fresponse_type%3Dcode", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prompt", "login", 300, false)]
    [InlineData("prompt", "login", 5, true)]
    [InlineData("max_age", "200", 300, false)]
    [InlineData("max_age", "301", 300, true)]
    [InlineData("max_age", "0", 300, false)]
    [InlineData("max_age", "0", 5, true)]
    public async Task Sign_in_is_asked_for_again_where_it_is_too_old(string name, string value, int signedInAgo, bool isFresh)
    {
        flow.Gateway.People.SignedInAgo = TimeSpan.FromSeconds(signedInAgo);
        using var response = await flow.AuthorizeAsync(With(name, value));
        Assert.Equal(isFresh, response.Headers.Location!.OriginalString.StartsWith(Redirect, StringComparison.Ordinal));
    }

    // RFC 9470 §4: what a route's challenge asks for, the client asks for here.
    [Fact]
    public async Task Several_factors_are_asked_for_where_the_client_wants_them()
    {
        flow.Gateway.People.Methods = ["pwd"];
        using var weak = await flow.AuthorizeAsync(With("acr_values", "urn:other mfa"));
        Assert.EndsWith("&wish=SecondFactor", weak.Headers.Location!.OriginalString, StringComparison.Ordinal);
        var silent = With("acr_values", "mfa");
        silent["prompt"] = "none";
        using var refused = await flow.AuthorizeAsync(silent);
        Assert.Equal("login_required", Answer(refused)["error"]);
        using var other = await flow.AuthorizeAsync(With("acr_values", "urn:other"));
        Assert.Contains("code", Answer(other).Keys);

        flow.Gateway.People.Methods = ["pwd", "otp", "mfa"];
        using var strong = await flow.AuthorizeAsync(With("acr_values", "mfa"));
        Assert.Contains("code", Answer(strong).Keys);
    }

    [Theory]
    [InlineData("acme", "acme", true)]
    [InlineData("acme", "other", false)]
    [InlineData("acme", null, false)]
    [InlineData(null, "other", true)]
    public async Task Client_of_a_tenant_gets_tokens_for_its_people_alone(string? client, string? person, bool gets)
    {
        var (_, secret) = flow.Gateway.Clients.Add("tenants", registered => Registered(registered) with { Tenant = client }, "orders:read");
        flow.Gateway.People.Change("ada", ada => ada with { Tenant = person });
        var request = With("client_id", "tenants");
        request["scope"] = "orders:read";
        var reply = await flow.RedeemAsync(await flow.CodeAsync(request), ("client_id", "tenants"), ("client_secret", secret));
        if (!gets)
        {
            Assert.Equal("invalid_grant", reply.Error);
            return;
        }

        var told = await flow.PostAsync("/oauth/introspect", ("token", reply.Access));
        Assert.Equal(person, told.Text("tenant"));
    }

    [Fact]
    public async Task Silent_request_shows_no_page()
    {
        using var nobody = await flow.AuthorizeAsync(With("prompt", "none"), who: null);
        Assert.Equal("login_required", Answer(nobody)["error"]);
        using var somebody = await flow.AuthorizeAsync(With("prompt", "none"));
        Assert.Contains("code", Answer(somebody).Keys);
    }

    [Fact]
    public async Task Disabled_person_is_denied()
    {
        flow.Gateway.People.Disable("ada");
        using var response = await flow.AuthorizeAsync();
        Assert.Equal("access_denied", Answer(response)["error"]);
    }

    [Fact]
    public async Task Codes_do_not_go_over_plain_http()
    {
        await using var behind = await Hosting.TestGateway.StartAsync(
            """
            listeners: { public: { address: 127.0.0.1:0, trustedProxies: [127.0.0.1] } }
            identity: { issuer: "https://issuer.example" }
            """);
        var answer = await Hosting.RawHttp.SendAsync(behind.EndPoint(), "GET /oauth/authorize?client_id=app HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n");
        Assert.Contains("tls.required", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Discovery_tells_all_that_works()
    {
        using var metadata = System.Text.Json.JsonDocument.Parse(await flow.Http.GetStringAsync(flow.Gateway.Address("/.well-known/openid-configuration")));
        var root = metadata.RootElement;
        foreach (var (name, path) in new[] { ("authorization", "authorize"), ("token", "token"), ("revocation", "revoke"), ("introspection", "introspect"), ("userinfo", "userinfo") })
            Assert.Equal($"{Issuer}/oauth/{path}", root.GetProperty(name + "_endpoint").GetString());
        Assert.Equal(["S256"], Texts("code_challenge_methods_supported"));
        Assert.Equal(["code"], Texts("response_types_supported"));
        Assert.True(root.GetProperty("authorization_response_iss_parameter_supported").GetBoolean());
        Assert.Contains("private_key_jwt", Texts("token_endpoint_auth_methods_supported"));
        Assert.DoesNotContain("none", Texts("introspection_endpoint_auth_methods_supported"));
        Assert.Contains("refresh_token", Texts("grant_types_supported"));

        IEnumerable<string?> Texts(string name) => root.GetProperty(name).EnumerateArray().Select(item => item.GetString());
    }

    private static Dictionary<string, string?> With(string name, string? value)
    {
        var request = Request();
        request[name] = value;
        return request;
    }
}
