using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Headers;
using Portcullis.Gateway.Tests.Pipeline;

namespace Portcullis.Gateway.Tests.Policies.Headers;

public sealed class HeadersPolicyTests
{
    private static readonly HeadersPolicyKind Kind = new();

    private readonly PolicyBench bench = new();

    [Theory]
    [InlineData(HeadersPreset.Api)]
    [InlineData(HeadersPreset.Web)]
    [InlineData(HeadersPreset.Strict)]
    public async Task Each_preset_scores_A_plus_at_the_Observatory(HeadersPreset preset)
    {
        var response = await Send(Options(preset));

        Assert.InRange(Observatory.Score(response.ResponseHeaders), 120, 145);
    }

    [Fact]
    public async Task Without_the_policy_the_same_response_fails_at_the_Observatory()
    {
        var response = await PolicyBench.Run(PolicyBench.Route([]), ExchangeFactory.Create());

        Assert.InRange(Observatory.Score(response.ResponseHeaders), 0, 45);
    }

    [Theory]
    [InlineData("Server", "nginx/1.2.3")]
    [InlineData("X-Powered-By", "PHP/5")]
    [InlineData("x-aspnet-version", "4.0")]
    [InlineData("Via", "1.1 inner")]
    public async Task Version_banners_are_taken_off(string name, string value)
    {
        foreach (var preset in Enum.GetValues<HeadersPreset>())
            Assert.False((await Send(Options(preset), "https", (name, value))).ResponseHeaders.ContainsKey(name));
    }

    [Fact]
    public async Task The_gateways_value_replaces_the_upstreams_and_stands_once()
    {
        var response = await Send(Options(HeadersPreset.Api), "https",
            ("X-Frame-Options", "ALLOWALL"), ("content-security-policy", "default-src *"), ("strict-transport-security", "max-age=0"), ("Content-Security-Policy", "script-src *"));

        Assert.Equal("DENY", response.ResponseHeaders.XFrameOptions.ToString());
        Assert.Equal("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", Assert.Single(response.ResponseHeaders.ContentSecurityPolicy));
        Assert.Equal("max-age=31536000", Assert.Single(response.ResponseHeaders.StrictTransportSecurity));
    }

    [Fact]
    public async Task The_upstreams_policy_stays_where_that_is_written_and_it_has_one()
    {
        var options = Options(HeadersPreset.Web) with { KeepCsp = true };

        Assert.Equal("default-src 'none'", (await Send(options, "https", ("Content-Security-Policy", "default-src 'none'"))).ResponseHeaders.ContentSecurityPolicy);
        Assert.StartsWith("default-src 'self'", (await Send(options)).ResponseHeaders.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transport_security_is_never_sent_over_plain_HTTP()
    {
        var response = await Send(Options(HeadersPreset.Strict), "http", ("Strict-Transport-Security", "max-age=1"));

        Assert.False(response.ResponseHeaders.ContainsKey("Strict-Transport-Security"));
        Assert.Equal("nosniff", response.ResponseHeaders.XContentTypeOptions);
    }

    [Fact]
    public async Task A_field_can_be_replaced_or_left_to_the_upstream()
    {
        var options = Options(HeadersPreset.Api) with { FrameOptions = "off", ReferrerPolicy = "same-origin", StrictTransportSecurity = "off" };

        var response = await Send(options, "https", ("X-Frame-Options", "SAMEORIGIN"), ("Strict-Transport-Security", "max-age=5"));

        Assert.Equal("SAMEORIGIN", response.ResponseHeaders.XFrameOptions.ToString());
        Assert.Equal("same-origin", response.ResponseHeaders["Referrer-Policy"].ToString());
        Assert.Equal("max-age=5", response.ResponseHeaders.StrictTransportSecurity.ToString());
        Assert.Equal(2, bench.Warnings.Count());
    }

    [Fact]
    public async Task Custom_sends_only_what_is_written()
    {
        var response = await Send(Options(HeadersPreset.Custom) with { ReferrerPolicy = "origin", Remove = ["X-Debug"] }, "https", ("X-Debug", "1"));

        Assert.Equal("origin", response.ResponseHeaders["Referrer-Policy"].ToString());
        Assert.False(response.ResponseHeaders.ContainsKey("X-Debug"));
        Assert.False(response.ResponseHeaders.ContainsKey("Content-Security-Policy"));
    }

    [Fact]
    public async Task Refusals_carry_the_fields_and_the_gateways_own_page_keeps_its_policy()
    {
        var route = PolicyBench.Route([.. bench.Compile(Kind, Options(HeadersPreset.Api)), new Refusing()]);
        var program = await PolicyBench.Run(route, ExchangeFactory.Create());
        var browser = ExchangeFactory.Create();
        browser.RequestHeaders.Accept = "text/html";
        await PolicyBench.Run(route, browser);

        Assert.Equal("nosniff", program.ResponseHeaders.XContentTypeOptions);
        Assert.StartsWith("default-src 'none'; base-uri", program.ResponseHeaders.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
        Assert.Equal("text/html; charset=utf-8", browser.ResponseHeaders.ContentType);
        Assert.Equal(RefusalPage.ContentSecurityPolicy, browser.ResponseHeaders.ContentSecurityPolicy);
        Assert.Equal("DENY", browser.ResponseHeaders.XFrameOptions.ToString());
    }

    [Theory]
    [InlineData("default-src 'self'\r\nSet-Cookie: a=b")]
    [InlineData("default-src 'self'\n")]
    [InlineData("a\0b")]
    [InlineData("")]
    [InlineData(" padded ")]
    [InlineData("ümlaut")]
    public void A_value_that_is_no_field_line_is_an_error(string value)
    {
        bench.Compile(Kind, Options(HeadersPreset.Custom) with { ContentSecurityPolicy = value });

        Assert.Equal(["routes.orders.policies.headers.contentSecurityPolicy"], bench.Errors);
    }

    [Theory]
    [InlineData("Content-Length")]
    [InlineData("transfer-encoding")]
    [InlineData("X-Request-Id")]
    [InlineData("two words")]
    [InlineData("")]
    public void What_frames_the_message_cannot_be_removed(string name)
    {
        bench.Compile(Kind, Options(HeadersPreset.Api) with { Remove = [name] });

        Assert.Equal(["routes.orders.policies.headers.remove[0]"], bench.Errors);
    }

    [Fact]
    public void Inline_script_is_warned_of()
    {
        bench.Compile(Kind, Options(HeadersPreset.Web) with { ContentSecurityPolicy = "script-src 'unsafe-inline' 'unsafe-eval'" });

        Assert.Equal(2, bench.Warnings.Count());
    }

    [Fact]
    public void Nothing_is_allocated_per_response()
    {
        var policy = Assert.Single(bench.Compile(Kind, Options(HeadersPreset.Strict)));
        var exchange = ExchangeFactory.Create();
        Assert.Equal(0, AllocatedBytes.PerOperation(() => policy.OnResponse(exchange)));
    }

    private static HeadersOptions Options(HeadersPreset preset) => new() { Preset = preset };

    private Task<Exchange> Send(HeadersOptions options, string scheme = "https", params (string Name, string Value)[] upstreamFields)
        => PolicyBench.Run(bench.Route(Kind, options, upstreamFields), ExchangeFactory.Create(scheme: scheme));

    private sealed class Refusing : Policy
    {
        public override Stage Stage => Stage.Authenticate;

        public override ValueTask<Verdict> OnRequestAsync(Exchange exchange) => new(Verdict.Refuse(RefusalCode.AuthenticationRequired));
    }
}
