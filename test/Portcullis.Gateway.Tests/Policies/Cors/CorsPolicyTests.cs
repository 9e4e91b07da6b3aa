using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Cors;
using Portcullis.Gateway.Tests.Pipeline;

namespace Portcullis.Gateway.Tests.Policies.Cors;

public sealed class CorsPolicyTests
{
    private const string App = "https://app.example.com";
    private static readonly CorsPolicyKind Kind = new();
    private static readonly CorsOptions AppOnly = new() { Origins = [App] };

    private readonly PolicyBench bench = new();

    [Fact]
    public async Task A_preflight_of_an_allowed_origin_is_answered_without_the_upstream()
    {
        var options = AppOnly with { Methods = ["GET", "DELETE"], Headers = ["Authorization", "X-Trace"], ExposedHeaders = ["Link"], MaxAge = TimeSpan.FromMinutes(5) };

        var response = await Send(options, "OPTIONS", App, asksFor: "DELETE");

        Assert.Equal(204, response.StatusCode);
        Assert.Equal(string.Empty, ExchangeFactory.BodyOf(response));
        Assert.Null(response.ResponseHeaders.ContentLength);
        Assert.Equal(App, response.ResponseHeaders.AccessControlAllowOrigin);
        Assert.Equal("GET, DELETE", response.ResponseHeaders.AccessControlAllowMethods);
        Assert.Equal("Authorization, X-Trace", response.ResponseHeaders.AccessControlAllowHeaders);
        Assert.Equal("300", response.ResponseHeaders.AccessControlMaxAge);
        Assert.Equal("Origin", response.ResponseHeaders.Vary);
        Assert.False(response.ResponseHeaders.ContainsKey("Access-Control-Allow-Credentials"));
        Assert.False(response.ResponseHeaders.ContainsKey("Access-Control-Expose-Headers"));
    }

    [Fact]
    public async Task A_preflight_is_answered_before_a_token_is_asked_for()
    {
        var route = PolicyBench.Route([new Refusing(), .. bench.Compile(Kind, AppOnly)]);

        Assert.Equal(204, (await PolicyBench.Run(route, Request("OPTIONS", App, "POST"))).StatusCode);
        Assert.Equal(401, (await PolicyBench.Run(route, Request("POST", App))).StatusCode);
    }

    [Fact]
    public async Task A_refusal_can_be_read_by_the_page_of_an_allowed_origin()
    {
        var route = PolicyBench.Route([new Refusing(), .. bench.Compile(Kind, AppOnly)]);

        Assert.Equal(App, (await PolicyBench.Run(route, Request("POST", App))).ResponseHeaders.AccessControlAllowOrigin);
    }

    [Fact]
    public async Task A_response_to_an_allowed_origin_names_it_and_what_may_be_read()
    {
        var response = await Send(AppOnly with { ExposedHeaders = ["Link", "ETag"], Credentials = true }, "GET", App);

        Assert.Equal(App, response.ResponseHeaders.AccessControlAllowOrigin);
        Assert.Equal("true", response.ResponseHeaders.AccessControlAllowCredentials);
        Assert.Equal("Link, ETag", response.ResponseHeaders.AccessControlExposeHeaders);
        Assert.False(response.ResponseHeaders.ContainsKey("Access-Control-Allow-Methods"));
    }

    [Fact]
    public async Task What_the_upstream_says_of_CORS_is_taken_off()
    {
        var fields = new[]
        {
            ("Access-Control-Allow-Origin", "*"), ("access-control-allow-credentials", "true"), ("Access-Control-Allow-Methods", "*"), ("Access-Control-Allow-Headers", "*"),
            ("Access-Control-Expose-Headers", "*"), ("Access-Control-Max-Age", "86400"), ("Access-Control-Allow-Private-Network", "true"),
        };

        var response = await PolicyBench.Run(bench.Route(Kind, AppOnly, fields), Request("GET", "https://evil.example"));

        Assert.DoesNotContain(response.ResponseHeaders, field => field.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Caches_are_told_that_the_answer_depends_on_the_origin_also_when_none_was_sent()
    {
        var plain = await PolicyBench.Run(bench.Route(Kind, AppOnly, ("Vary", "Accept-Encoding")), ExchangeFactory.Create());
        var any = await Send(AppOnly with { Origins = ["*"] }, "GET", App);

        Assert.Equal("Accept-Encoding,Origin", plain.ResponseHeaders.Vary.ToString());
        Assert.Equal("*", any.ResponseHeaders.AccessControlAllowOrigin);
        Assert.False(any.ResponseHeaders.ContainsKey("Vary"));
    }

    [Theory]
    [InlineData("GET", 200)]
    [InlineData("HEAD", 200)]
    [InlineData("POST", 403)]
    [InlineData("PUT", 403)]
    [InlineData("DELETE", 403)]
    [InlineData("PROPFIND", 403)]
    public async Task A_page_of_another_origin_can_do_nothing_but_what_is_safe_and_reads_nothing(string method, int status)
    {
        var response = await Send(AppOnly, method, "https://evil.example");

        Assert.Equal(status, response.StatusCode);
        Assert.False(response.ResponseHeaders.ContainsKey("Access-Control-Allow-Origin"));
        if (status == 403) Assert.Equal(RefusalCode.OriginDenied, response.Code);
    }

    [Fact]
    public async Task A_preflight_of_another_origin_is_refused()
    {
        var response = await Send(AppOnly, "OPTIONS", "https://evil.example", asksFor: "GET");

        Assert.Equal(403, response.StatusCode);
        Assert.Equal("origin.denied", response.Code!.Code);
        Assert.False(response.ResponseHeaders.ContainsKey("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_WebSocket_cannot_be_opened_by_a_page_of_another_origin()
    {
        var route = bench.Route(Kind, AppOnly);
        var hijack = Request("GET", "https://evil.example");
        hijack.RequestHeaders.Upgrade = "websocket";
        var own = Request("GET", App);
        own.RequestHeaders.Upgrade = "websocket";

        Assert.Equal(403, (await PolicyBench.Run(route, hijack)).StatusCode);
        Assert.Equal(200, (await PolicyBench.Run(route, own)).StatusCode);
    }

    [Fact]
    public async Task OPTIONS_that_asks_for_no_method_goes_to_the_upstream()
    {
        Assert.Equal("upstream", ExchangeFactory.BodyOf(await Send(AppOnly, "OPTIONS", App)));
        Assert.Equal("upstream", ExchangeFactory.BodyOf(await PolicyBench.Run(bench.Route(Kind, AppOnly), ExchangeFactory.Create("OPTIONS"))));
    }

    [Theory]
    [InlineData("https://app.example.com.evil.org")]
    [InlineData("https://evilapp.example.com")]
    [InlineData("https://app.example.comevil.org")]
    [InlineData("http://app.example.com")]
    [InlineData("https://app.example.com:8443")]
    [InlineData("https://app.example.com:443")]
    [InlineData("https://APP.example.com")]
    [InlineData("HTTPS://app.example.com")]
    [InlineData("https://app.example.com/")]
    [InlineData("https://app.example.com ")]
    [InlineData(" https://app.example.com")]
    [InlineData("https://app.example.com,https://evil.example")]
    [InlineData("https://app.example.com https://evil.example")]
    [InlineData("https://user@app.example.com")]
    [InlineData("https://app.example.com.")]
    [InlineData("app.example.com")]
    [InlineData("null")]
    [InlineData("*")]
    [InlineData("")]
    public async Task Nothing_but_the_written_origin_is_allowed(string origin)
    {
        var response = await Send(AppOnly, "POST", origin);

        Assert.Equal(403, response.StatusCode);
        Assert.False(response.ResponseHeaders.ContainsKey("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("https://a.example.com", true)]
    [InlineData("https://a.b-c.example.com", true)]
    [InlineData("https://example.com", false)]
    [InlineData("https://.example.com", false)]
    [InlineData("https://evilexample.com", false)]
    [InlineData("https://a..example.com", false)]
    [InlineData("https://-.example.com", false)]
    [InlineData("https://evil.com/.example.com", false)]
    [InlineData("https://evil.com#.example.com", false)]
    [InlineData("https://evil.com?.example.com", false)]
    [InlineData("https://evil.com:1.example.com", false)]
    [InlineData("https://evil.com@a.example.com", false)]
    [InlineData("https://evil.com\\.example.com", false)]
    [InlineData("https://evil.com%00.example.com", false)]
    [InlineData("https://A.example.com", false)]
    [InlineData("https://a.example.com:8443", false)]
    [InlineData("http://a.example.com", false)]
    [InlineData("https://a.example.com.evil.org", false)]
    [InlineData("https://ä.example.com", false)]
    public void A_wildcard_stands_for_subdomains_and_nothing_else(string origin, bool allowed)
    {
        Assert.True(OriginPattern.TryParse("https://*.example.com", out var pattern, out _));

        Assert.Equal(allowed, pattern.Matches(origin));
    }

    [Fact]
    public async Task The_origin_of_a_wildcard_is_named_itself()
    {
        var response = await Send(AppOnly with { Origins = ["https://*.example.com:8443"] }, "POST", "https://x.example.com:8443");

        Assert.Equal("https://x.example.com:8443", response.ResponseHeaders.AccessControlAllowOrigin);
    }

    [Fact]
    public async Task A_huge_origin_is_not_allowed_and_not_echoed()
    {
        var huge = "https://" + new string('a', 30_000) + ".example.com";

        var response = await Send(AppOnly with { Origins = ["https://*.example.com"] }, "POST", huge);

        Assert.Equal(403, response.StatusCode);
        Assert.DoesNotContain("aaaa", ExchangeFactory.BodyOf(response), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Several_Origin_fields_are_refused_even_if_one_is_allowed(string method)
    {
        var exchange = ExchangeFactory.Create(method);
        exchange.RequestHeaders.Origin = new[] { App, "https://evil.example" };

        Assert.Equal(403, (await PolicyBench.Run(bench.Route(Kind, AppOnly), exchange)).StatusCode);
    }

    [Fact]
    public async Task The_null_origin_is_allowed_only_where_it_is_written_and_warned_of()
    {
        Assert.Equal(403, (await Send(AppOnly, "POST", "null")).StatusCode);
        Assert.Empty(bench.Warnings);

        Assert.Equal("null", (await Send(AppOnly with { Origins = ["null"] }, "POST", "null")).ResponseHeaders.AccessControlAllowOrigin);
        Assert.Equal(["routes.orders.policies.cors.origins[0]"], bench.Warnings);
    }

    [Theory]
    [InlineData("https", "api.example.com", "https://api.example.com", true)]
    [InlineData("https", "api.example.com:443", "https://api.example.com", true)]
    [InlineData("https", "api.example.com:8443", "https://api.example.com:8443", true)]
    [InlineData("http", "api.example.com", "http://api.example.com", true)]
    [InlineData("https", "API.example.com", "https://api.example.com", true)]
    [InlineData("https", "api.example.com:8443", "https://api.example.com", false)]
    [InlineData("https", "api.example.com", "https://api.example.com:8443", false)]
    [InlineData("https", "api.example.com", "http://api.example.com", false)]
    [InlineData("https", "api.example.com", "https://api.example.com.evil.org", false)]
    [InlineData("https", "api.example.com", "https://api.example.com:443.evil.org", false)]
    [InlineData("https", "api.example.com", "null", false)]
    public async Task A_page_of_the_services_own_origin_is_no_other_origin(string scheme, string host, string origin, bool isOwn)
    {
        var exchange = ExchangeFactory.Create("POST", scheme: scheme, host: host);
        exchange.RequestHeaders.Origin = origin;

        Assert.Equal(isOwn ? 200 : 403, (await PolicyBench.Run(bench.Route(Kind, AppOnly), exchange)).StatusCode);
    }

    [Theory]
    [InlineData("same-origin", "null", 200)]
    [InlineData("none", "null", 200)]
    [InlineData("same-site", "null", 403)]
    [InlineData("cross-site", "null", 403)]
    [InlineData("cross-site", "https://api.example.com", 403)]
    public async Task Browsers_that_say_where_a_request_comes_from_are_believed(string site, string origin, int status)
    {
        var exchange = Request("POST", origin);
        exchange.RequestHeaders["Sec-Fetch-Site"] = site;

        Assert.Equal(status, (await PolicyBench.Run(bench.Route(Kind, AppOnly), exchange)).StatusCode);
    }

    [Fact]
    public void The_route_of_the_request_that_is_asked_about_answers_preflights()
    {
        Assert.True(bench.Route(Kind, AppOnly).AnswersPreflights);
        Assert.False(PolicyBench.Route([]).AnswersPreflights);
    }

    [Theory]
    [InlineData("OPTIONS", App, "DELETE", "DELETE")]
    [InlineData("OPTIONS", App, null, null)]
    [InlineData("OPTIONS", null, "DELETE", null)]
    [InlineData("GET", App, "DELETE", null)]
    [InlineData("options", App, "DELETE", null)]
    public void A_preflight_is_OPTIONS_with_an_origin_and_a_method(string method, string? origin, string? asksFor, string? expected)
    {
        IHeaderDictionary headers = new HeaderDictionary();
        if (origin is not null) headers.Origin = origin;
        if (asksFor is not null) headers.AccessControlRequestMethod = asksFor;

        Assert.Equal(expected, Preflight.RequestedMethod(method, headers));
    }

    [Theory]
    [InlineData("https://app.example.com/")]
    [InlineData("https://app.example.com/path")]
    [InlineData("https://App.example.com")]
    [InlineData("HTTPS://app.example.com")]
    [InlineData("https://app.example.com:443")]
    [InlineData("http://app.example.com:80")]
    [InlineData("https://app.example.com:99999")]
    [InlineData("https://app.example.com:")]
    [InlineData("https://*")]
    [InlineData("https://*.com")]
    [InlineData("https://*example.com")]
    [InlineData("https://a.*.example.com")]
    [InlineData("*.example.com")]
    [InlineData("//app.example.com")]
    [InlineData("app.example.com")]
    [InlineData("https://user@app.example.com")]
    [InlineData("https://app.example.com\r\nX: y")]
    [InlineData("https://")]
    [InlineData("Null")]
    [InlineData("")]
    public void What_no_browser_sends_as_origin_is_an_error(string origin)
    {
        bench.Compile(Kind, AppOnly with { Origins = [App, origin] });

        Assert.Equal(["routes.orders.policies.cors.origins[1]"], bench.Errors);
    }

    [Theory]
    [InlineData("http://localhost:3000")]
    [InlineData("http://127.0.0.1:3000")]
    [InlineData("https://[2001:db8::1]:8443")]
    [InlineData("capacitor://localhost")]
    [InlineData("moz-extension://d3b07384-d9a0")]
    public async Task Other_schemes_ports_and_addresses_can_be_written(string origin)
    {
        Assert.Equal(origin, (await Send(AppOnly with { Origins = [origin] }, "POST", origin)).ResponseHeaders.AccessControlAllowOrigin);
        Assert.Empty(bench.Warnings);
    }

    [Fact]
    public void An_unencrypted_origin_and_any_origin_are_warned_of()
    {
        bench.Compile(Kind, AppOnly with { Origins = ["http://app.example.com"] });
        bench.Compile(Kind, AppOnly with { Origins = ["*"] });

        Assert.Equal(2, bench.Warnings.Count());
        Assert.Empty(bench.Errors);
    }

    [Fact]
    public void Any_origin_with_credentials_is_an_error()
    {
        bench.Compile(Kind, AppOnly with { Origins = ["*"], Credentials = true });

        Assert.Equal(["routes.orders.policies.cors.origins[0]"], bench.Errors);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("X-A, X-B")]
    [InlineData("X-A\r\nX-B: c")]
    public void Names_are_tokens_and_no_wildcards(string name)
    {
        bench.Compile(Kind, AppOnly with { Methods = [name], Headers = [name], ExposedHeaders = [name] });

        Assert.Equal(["exposedHeaders[0]", "headers[0]", "methods[0]"], bench.Errors.Select(path => path["routes.orders.policies.cors.".Length..]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Methods_default_to_those_of_the_route()
    {
        var match = new RouteOptions { Match = new RouteMatchOptions { Path = "/", Methods = ["PATCH"] } };

        var named = await PolicyBench.Run(PolicyBench.Route(bench.Compile(Kind, AppOnly, match)), Request("OPTIONS", App, "PATCH"));
        var any = await Send(AppOnly, "OPTIONS", App, "GET");

        Assert.Equal("PATCH", named.ResponseHeaders.AccessControlAllowMethods);
        Assert.Equal("GET, HEAD, POST", any.ResponseHeaders.AccessControlAllowMethods);
    }

    private static Exchange Request(string method, string origin, string? asksFor = null)
    {
        var exchange = ExchangeFactory.Create(method);
        exchange.RequestHeaders.Origin = origin;
        if (asksFor is not null) exchange.RequestHeaders.AccessControlRequestMethod = asksFor;
        return exchange;
    }

    private Task<Exchange> Send(CorsOptions options, string method, string origin, string? asksFor = null)
        => PolicyBench.Run(bench.Route(Kind, options), Request(method, origin, asksFor));

    private sealed class Refusing : Policy
    {
        public override Stage Stage => Stage.Authenticate;

        public override ValueTask<Verdict> OnRequestAsync(Exchange exchange) => new(Verdict.Refuse(RefusalCode.AuthenticationRequired));
    }
}
