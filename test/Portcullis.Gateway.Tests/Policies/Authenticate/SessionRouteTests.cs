using System.Net;
using Portcullis.Gateway.Identity.People;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Policies.Authenticate;

/// <summary>Routes for people who signed in in a browser, seen from outside.</summary>
public sealed class SessionRouteTests : IAsyncLifetime
{
    private const string Cookie = OwnCookies.Session + "=ada";

    private EchoGateway echo = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        echo = await EchoGateway.StartAsync(
            """
            web: { authenticate: session, authorize: { permissions: [orders:read] } }
            both: { authenticate: [token, session], authorize: authenticated }
            plain: { authenticate: { methods: session, upstreamToken: none }, authorize: authenticated }
            named: { authenticate: { methods: session, upstreamToken: { audience: billing, lifetime: 10m } }, authorize: authenticated }
            strong: { authenticate: { methods: session, require: mfa, maxAge: 10m }, authorize: authenticated }
            cors: { authenticate: session, authorize: authenticated, cors: { origins: ["https://app.example"], methods: [GET, POST], credentials: true } }
            read: { authenticate: session, authorize: authenticated, cors: { origins: ["https://app.example"], methods: [GET, POST] } }
            open: { authenticate: none }
            token: { authenticate: token, authorize: authenticated }
            """);
        echo.Gateway.People.Add("ada", "orders:read", "orders:list");
        client = echo.Gateway.Client();
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return echo.DisposeAsync();
    }

    [Fact]
    public async Task Session_reaches_the_upstream_as_a_token_of_the_gateway_that_ends_with_it()
    {
        using var response = await SendAsync("/web/x", ("Cookie", "theme=dark; " + Cookie + "; __Host-portcullis-device=d; lang=en"));
        var fields = await EchoGateway.FieldsAsync(response);
        Assert.Equal("theme=dark; lang=en", fields["cookie"]);
        Assert.Equal(("ada", "orders:list orders:read"), (fields["portcullis-subject"], fields["portcullis-permissions"]));
        var claims = echo.Claims(fields);
        Assert.Equal(("ada", "session-of-ada", 300L), (claims.Subject, claims.FindString("sid"u8), claims.ExpiresAt - claims.IssuedAt));
        Assert.Equal(["orders:list", "orders:read"], claims.Permissions);
        Assert.Equal(["pwd", "otp", "mfa"], claims.FindAuthentication()!.Methods);
        Assert.Equal(EchoGateway.Issuer, claims.ClientId);
    }

    [Fact]
    public async Task Upstream_token_counts_for_its_upstream_alone_and_not_at_the_gateway()
    {
        var fields = await FieldsAsync("/named/x");
        Assert.Equal(600, echo.Claims(fields, "billing").ExpiresAt - echo.Claims(fields, "billing").IssuedAt);
        using var replayed = await SendAsync("/token/x", ("Authorization", fields["authorization"]));
        Assert.Equal(HttpStatusCode.Unauthorized, replayed.StatusCode);
    }

    [Fact]
    public async Task Where_the_route_says_so_the_upstream_gets_no_token() => Assert.DoesNotContain("authorization", (await FieldsAsync("/plain/x")).Keys);

    [Fact]
    public async Task One_token_serves_many_requests_until_shortly_before_its_end_or_until_the_person_has_changed()
    {
        echo.Gateway.People.SignedInAgo = TimeSpan.Zero;
        var signedIn = echo.Clock.GetUtcNow();
        var first = (await FieldsAsync("/web/x"))["authorization"];
        Assert.Equal(first, (await FieldsAsync("/web/y"))["authorization"]);

        echo.Clock.Advance(TimeSpan.FromSeconds(239));
        echo.Gateway.People.SignedInAgo = echo.Clock.GetUtcNow() - signedIn;
        Assert.Equal(first, (await FieldsAsync("/web/x"))["authorization"]);
        echo.Clock.Advance(TimeSpan.FromSeconds(2));
        echo.Gateway.People.SignedInAgo = echo.Clock.GetUtcNow() - signedIn;
        var second = (await FieldsAsync("/web/x"))["authorization"];
        Assert.NotEqual(first, second);

        echo.Gateway.People.Change("ada", person => person with { Permissions = ["orders:read"] });
        var fields = await FieldsAsync("/web/x");
        Assert.Equal(["orders:read"], echo.Claims(fields).Permissions);
        Assert.Equal("orders:read", fields["portcullis-permissions"]);
    }

    [Fact]
    public async Task Permission_that_was_taken_away_is_gone_with_the_next_request()
    {
        _ = await FieldsAsync("/web/x");
        echo.Gateway.People.Change("ada", person => person with { Permissions = [] });
        using var response = await SendAsync("/web/x", ("Cookie", Cookie));
        Assert.Equal("permission.denied", await EchoGateway.CodeAsync(response));
    }

    [Fact]
    public async Task Ended_session_counts_no_more_at_once_whatever_else_remembers_it()
    {
        _ = await FieldsAsync("/web/x");
        await echo.Gateway.Host.State.RevocationFeed.RevokeAsync(new Revocation(RevocationKind.Session, "session-of-ada", echo.Clock.GetUtcNow()), CancellationToken.None);
        using var ended = await SendAsync("/web/x", ("Cookie", Cookie));
        Assert.Equal("auth.required", await EchoGateway.CodeAsync(ended));
    }

    // The pages to sign in on know nothing of revoked tokens: to a session that they take and the route does not, they would send the browser back for ever.
    [Fact]
    public async Task Session_goes_on_where_the_tokens_of_its_person_are_revoked_and_the_upstream_gets_a_new_one()
    {
        var before = (await FieldsAsync("/web/x"))["authorization"];
        await echo.Gateway.Host.State.RevocationFeed.RevokeAsync(new Revocation(RevocationKind.Subject, "ada", echo.Clock.GetUtcNow()), CancellationToken.None);
        Assert.NotEqual(before, (await FieldsAsync("/web/x"))["authorization"]);
    }

    [Fact]
    public async Task Disabled_person_and_unknown_session_are_nobody()
    {
        using var unknown = await SendAsync("/web/x", ("Cookie", OwnCookies.Session + "=ended"));
        Assert.Equal("auth.required", await EchoGateway.CodeAsync(unknown));
        echo.Gateway.People.Disable("ada");
        using var disabled = await SendAsync("/web/x", ("Cookie", Cookie));
        Assert.Equal("auth.required", await EchoGateway.CodeAsync(disabled));
        Assert.Equal("Cookie", disabled.Headers.WwwAuthenticate.ToString());
    }

    // OWASP: verifying origin with standard headers. {own} stands for the origin of the gateway.
    [Theory]
    [InlineData("POST", "{own}", null, true)]
    [InlineData("POST", "{own}", "same-origin", true)]
    [InlineData("DELETE", null, "same-origin", true)]
    [InlineData("POST", "null", "same-origin", true)]
    [InlineData("GET", "https://evil.example", "cross-site", true)]
    [InlineData("HEAD", null, null, true)]
    [InlineData("POST", null, null, false)]
    [InlineData("POST", "null", null, false)]
    [InlineData("POST", "null", "cross-site", false)]
    [InlineData("POST", "https://evil.example", null, false)]
    [InlineData("POST", "https://evil.example", "same-origin", false)]
    [InlineData("POST", "{own}", "cross-site", false)]
    [InlineData("POST", "{own}", "same-site", false)]
    [InlineData("POST", "{own}", "none", false)]
    [InlineData("POST", null, "none", false)]
    [InlineData("POST", null, "same-site", false)]
    [InlineData("POST", "{own}.evil.example", null, false)]
    [InlineData("POST", "{own}/", null, false)]
    [InlineData("POST", "https://127.0.0.1", null, false)]
    [InlineData("POST", "", null, false)]
    [InlineData("PATCH", "{own} https://evil.example", null, false)]
    [InlineData("PROPFIND", null, null, false)]
    public async Task Unsafe_request_counts_only_where_a_page_of_this_origin_sent_it(string method, string? origin, string? site, bool counts)
    {
        List<(string, string)> fields = [(":method", method), ("Cookie", Cookie)];
        if (origin is not null) fields.Add(("Origin", origin.Replace("{own}", echo.Gateway.Address().GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)));
        if (site is not null) fields.Add(("Sec-Fetch-Site", site));
        using var response = await client.SendAsync(Request("/web/x", [.. fields]));
        if (counts) Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        else Assert.Equal("origin.denied", await EchoGateway.CodeAsync(response));
    }

    [Fact]
    public async Task Several_origins_are_nobodys()
    {
        var own = echo.Gateway.Address().GetLeftPart(UriPartial.Authority);
        var raw = $"POST /web/x HTTP/1.1\r\nHost: {own[7..]}\r\nCookie: {Cookie}\r\nOrigin: {own}\r\nOrigin: {own}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        Assert.Contains("origin.denied", await RawHttp.SendAsync(echo.Gateway.EndPoint(), raw), StringComparison.Ordinal);
    }

    // A page of any origin may open a WebSocket and read it, with the person's cookies.
    [Theory]
    [InlineData("")]
    [InlineData("Origin: https://evil.example\r\n")]
    public async Task Web_socket_is_opened_for_pages_of_this_origin_alone(string origin)
    {
        var raw = $"GET /web/x HTTP/1.1\r\nHost: a\r\nCookie: {Cookie}\r\n{origin}Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        Assert.Contains("origin.denied", await RawHttp.SendAsync(echo.Gateway.EndPoint(), raw), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Origin_that_cors_lets_act_with_credentials_may_and_one_that_may_only_read_may_not()
    {
        using var acts = await SendAsync("/cors/x", (":method", "POST"), ("Cookie", Cookie), ("Origin", "https://app.example"), ("Sec-Fetch-Site", "same-site"));
        Assert.Equal(HttpStatusCode.OK, acts.StatusCode);
        using var reads = await SendAsync("/read/x", (":method", "POST"), ("Cookie", Cookie), ("Origin", "https://app.example"), ("Sec-Fetch-Site", "same-site"));
        Assert.Equal("origin.denied", await EchoGateway.CodeAsync(reads));
    }

    [Fact]
    public async Task Browser_that_navigates_is_sent_to_sign_in_and_back()
    {
        using var response = await SendAsync("/web/x?a=b&c=https://evil.example", ("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate"));
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.Equal("/account/sign-in?return=" + Uri.EscapeDataString("/web/x?a=b&c=https://evil.example"), response.Headers.Location!.OriginalString);
        Assert.True(response.Headers.CacheControl!.NoStore);
        using var late = await SendAsync("/web/x", ("Accept", "text/html"), ("Cookie", OwnCookies.Session + "=ended"));
        Assert.Equal(HttpStatusCode.SeeOther, late.StatusCode);

        var line = (await echo.DecisionsAsync(1))[0];
        Assert.Equal(("auth.required", 303, "Authenticate"), (line.GetProperty("code").GetString(), line.GetProperty("status").GetInt32(), line.GetProperty("step").GetString()));
    }

    [Theory]
    [InlineData("GET", "*/*", null)]
    [InlineData("GET", "text/html", "cors")]
    [InlineData("POST", "text/html", "navigate")]
    [InlineData("GET", "application/json", "navigate")]
    public async Task Everything_else_gets_401(string method, string accept, string? mode)
    {
        List<(string, string)> fields = [(":method", method), ("Accept", accept)];
        if (mode is not null) fields.Add(("Sec-Fetch-Mode", mode));
        using var response = await SendAsync("/web/x", [.. fields]);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Cookie", response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task Two_credentials_at_once_are_refused_and_never_chosen_from()
    {
        var token = await echo.Gateway.TokenAsync("orders:read");
        using (var both = await SendAsync("/both/x", ("Cookie", Cookie), ("Authorization", "Bearer " + token))) Assert.Equal("request.malformed", await EchoGateway.CodeAsync(both));
        using (var unknown = await SendAsync("/both/x", ("Cookie", Cookie), ("Authorization", "Basic YTpi"))) Assert.Equal("request.malformed", await EchoGateway.CodeAsync(unknown));
        using (var twice = await SendAsync("/web/x", ("Cookie", Cookie + "; " + OwnCookies.Session + "=eve"))) Assert.Equal("request.malformed", await EchoGateway.CodeAsync(twice));
        using (var one = await SendAsync("/both/x", ("Authorization", "Bearer " + token))) Assert.Equal("client0", (await EchoGateway.FieldsAsync(one))["portcullis-subject"]);
        using (var other = await SendAsync("/both/x", ("Cookie", Cookie))) Assert.Equal("ada", (await EchoGateway.FieldsAsync(other))["portcullis-subject"]);
        using var none = await SendAsync("/both/x");
        Assert.Equal(["Bearer", "Cookie"], none.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme));
    }

    [Fact]
    public async Task Client_can_t_put_a_token_of_its_own_in_place_of_the_gateways()
    {
        using var response = await SendAsync("/web/x", ("Cookie", Cookie), ("Authorization", "Bearer forged"), ("Portcullis-Tenant", "acme"), ("Portcullis_Tenant", "acme"));
        var fields = await EchoGateway.FieldsAsync(response);
        Assert.Equal("ada", echo.Claims(fields).Subject);
        Assert.DoesNotContain(fields.Keys, name => name.Contains("tenant", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Cookies_of_the_gateway_go_to_no_upstream_and_come_from_none()
    {
        using var request = Request("/open/x?set=a=1&set=__Host-portcullis-session%3Dfixed%3BPath%3D/%3BSecure&set=b=2", ("Cookie", "a=1; __Host-portcullis-session=x; __Host-portcullis-device=y; b=__Host-portcullis-"));
        using var response = await client.SendAsync(request);
        Assert.Equal("a=1; b=__Host-portcullis-", (await EchoGateway.FieldsAsync(response))["cookie"]);
        Assert.Equal(["a=1", "b=2"], response.Headers.GetValues("Set-Cookie"));
    }

    [Fact]
    public async Task Session_over_http2_is_the_same()
    {
        await using var secure = await EchoGateway.StartAsync("web: { authenticate: session, authorize: authenticated }", listener: "{ address: 127.0.0.1:0, tls: {} }");
        secure.Gateway.People.Add("ada", "orders:read");
        using var http2 = secure.Gateway.Client(HttpVersion.Version20);
        using var response = await secure.SendAsync(http2, "/web/x?set=__Host-portcullis-device%3Dx", ("Cookie", "a=1"), ("Cookie", Cookie), ("Cookie", "b=2"));
        var fields = await EchoGateway.FieldsAsync(response);
        Assert.Equal("a=1; b=2", fields["cookie"].Replace(",", ";", StringComparison.Ordinal));
        Assert.Equal("ada", secure.Claims(fields).Subject);
        Assert.False(response.Headers.Contains("Set-Cookie"));
        using var twice = await secure.SendAsync(http2, "/web/x", ("Cookie", Cookie), ("Cookie", OwnCookies.Session + "=eve"));
        Assert.Equal("request.malformed", await EchoGateway.CodeAsync(twice));
    }

    [Fact]
    public async Task Only_cookies_of_the_gateway_leave_no_empty_field()
    {
        using var response = await SendAsync("/open/x", ("Cookie", "__Host-portcullis-session=x"));
        Assert.DoesNotContain("cookie", (await EchoGateway.FieldsAsync(response)).Keys);
    }

    [Fact]
    public async Task Weak_or_old_sign_in_is_led_to_a_better_one()
    {
        echo.Gateway.People.Methods = ["pwd"];
        using (var weak = await SendAsync("/strong/x", ("Cookie", Cookie), ("Accept", "text/html")))
            Assert.EndsWith("&wish=SecondFactor", weak.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using (var script = await SendAsync("/strong/x", ("Cookie", Cookie)))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, script.StatusCode);
            Assert.Equal("auth.step_up_required", await EchoGateway.CodeAsync(script));
            Assert.Contains("acr_values=\"mfa\", max_age=\"600\"", script.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }

        echo.Gateway.People.Methods = ["pwd", "otp", "mfa"];
        echo.Gateway.People.SignedInAgo = TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1);
        using (var old = await SendAsync("/strong/x", ("Cookie", Cookie), ("Accept", "text/html")))
            Assert.EndsWith("&wish=Fresh", old.Headers.Location!.OriginalString, StringComparison.Ordinal);
        echo.Gateway.People.SignedInAgo = TimeSpan.FromMinutes(10);
        _ = await FieldsAsync("/strong/x");
    }

    [Fact]
    public async Task Who_lacks_nothing_but_a_second_factor_is_led_to_it_and_has_the_permission_then()
    {
        echo.Gateway.People.Methods = ["pwd"];
        echo.Gateway.People.Change("ada", person => person with { Permissions = ["orders:list"], Roles = ["lister"], BySeveralFactors = new(["orders:list", "orders:read"], ["lister", "reader"]) });
        using (var page = await SendAsync("/web/x", ("Cookie", Cookie), ("Accept", "text/html")))
            Assert.EndsWith("&wish=SecondFactor", page.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using (var script = await SendAsync("/web/x", ("Cookie", Cookie)))
        {
            Assert.Equal("auth.step_up_required", await EchoGateway.CodeAsync(script));
            Assert.EndsWith("acr_values=\"mfa\"", script.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }

        Assert.Contains("lacks orders:read", (await echo.DecisionsAsync(2))[1].GetRawText(), StringComparison.Ordinal);

        // What the upstream is told follows the sign-in, and one caller stays one: a token is signed once.
        var weak = await FieldsAsync("/named/x");
        Assert.Equal("orders:list", weak["portcullis-permissions"]);
        Assert.Equal(["lister"], echo.Claims(weak, "billing").Roles);
        Assert.Equal(weak["authorization"], (await FieldsAsync("/named/x"))["authorization"]);

        echo.Gateway.People.Methods = ["pwd", "otp", "mfa"];
        Assert.Equal("orders:list orders:read", (await FieldsAsync("/web/x"))["portcullis-permissions"]);
        Assert.Equal(["lister", "reader"], echo.Claims(await FieldsAsync("/named/x"), "billing").Roles);

        // A role that was granted while the session was there.
        echo.Gateway.People.Methods = ["pwd"];
        echo.Gateway.People.Change("ada", person => person with { BySeveralFactors = new(["orders:list"], ["lister", "reader"]) });
        using var denied = await SendAsync("/web/x", ("Cookie", Cookie), ("Accept", "text/html"));
        Assert.Equal(HttpStatusCode.Forbidden, denied.StatusCode);
    }

    [Fact]
    public async Task Record_tells_by_what_the_caller_was_known()
    {
        _ = await FieldsAsync("/web/x");
        var line = (await echo.DecisionsAsync(1))[0];
        Assert.Equal(("session", "ada"), (line.GetProperty("authenticatedBy").GetString(), line.GetProperty("caller").GetString()));
    }

    private async Task<Dictionary<string, string>> FieldsAsync(string path)
    {
        using var response = await SendAsync(path, ("Cookie", Cookie));
        return await EchoGateway.FieldsAsync(response);
    }

    private HttpRequestMessage Request(string path, params (string Name, string Value)[] fields)
    {
        var request = new HttpRequestMessage(new HttpMethod(fields.FirstOrDefault(field => field.Name == ":method").Value ?? "GET"), echo.Gateway.Address(path));
        foreach (var (name, value) in fields.Where(field => field.Name[0] != ':')) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(string path, params (string Name, string Value)[] fields)
    {
        using var request = Request(path, fields);
        return await client.SendAsync(request);
    }
}
