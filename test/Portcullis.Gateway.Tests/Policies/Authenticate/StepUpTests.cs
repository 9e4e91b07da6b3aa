using System.Net;
using System.Text.Json.Nodes;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Policies.Authenticate;
using Portcullis.Gateway.Tests.Pipeline;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Tests.Policies.Authenticate;

/// <summary>What routes require of a sign-in (RFC 9470), by tokens of any issuer.</summary>
public sealed class StepUpTests
{
    private static readonly ManualTimeProvider Clock = new();

    public static TheoryData<string[]?, int?, bool> SignIns => new()
    {
        { ["pwd", "otp", "mfa"], 60, true },
        { ["mfa"], 600, true },
        { ["mfa"], -29, true },
        { ["mfa"], 601, false },
        { ["mfa"], -31, false },
        { ["mfa"], null, false },
        { ["pwd"], 60, false },
        { ["MFA"], 60, false },
        { ["mfa2", "xmfa"], 60, false },
        { [], 60, false },
        { null, null, false },
    };

    [Theory]
    [MemberData(nameof(SignIns))]
    public async Task Sign_in_must_be_strong_and_recent(string[]? methods, int? secondsAgo, bool passes)
    {
        var at = secondsAgo is { } seconds ? Clock.GetUtcNow().AddSeconds(-seconds) : DateTimeOffset.UnixEpoch;
        var caller = new Caller("ada", "web", []) { Authentication = methods is null ? null : new AuthenticationEvent(at, methods) };
        var exchange = ExchangeFactory.Create(caller: caller);
        var verdict = await new StepUpPolicy(needsFactors: true, TimeSpan.FromMinutes(10), pages: null, Clock).OnRequestAsync(exchange);
        Assert.Equal(passes, verdict.IsContinue);
        if (!passes) Assert.Equal(RefusalCode.StepUpRequired, verdict.Code);
    }

    [Fact]
    public async Task Nobody_has_signed_in_at_all()
    {
        Assert.True((await new StepUpPolicy(needsFactors: true, null, pages: null, Clock).OnRequestAsync(ExchangeFactory.Create())).IsRefusal);
        Assert.True((await new StepUpPolicy(needsFactors: false, TimeSpan.FromDays(30), pages: null, Clock).OnRequestAsync(ExchangeFactory.Create(caller: Caller.Anonymous))).IsRefusal);
    }

    [Fact]
    public async Task Token_of_an_outside_issuer_counts_by_what_it_tells()
    {
        var clock = new ManualTimeProvider();
        await using var issuer = await OutsideIssuer.StartAsync(clock);
        await using var echo = await EchoGateway.StartAsync(
            "strong: { authenticate: { methods: token, require: mfa, maxAge: 10m }, authorize: { permissions: [orders:read] } }",
            $"externalIssuers: [{{ issuer: \"{issuer.Url}\", audience: api }}]");
        using var client = echo.Gateway.Client();
        var now = echo.Clock.GetUtcNow().ToUnixTimeSeconds();

        using var strong = await SendAsync(claims => (claims["amr"], claims["auth_time"]) = (new JsonArray("pwd", "mfa"), now - 60));
        Assert.Equal(HttpStatusCode.OK, strong.StatusCode);
        foreach (var change in new Action<JsonObject>[]
        {
            _ => { },
            claims => claims["amr"] = new JsonArray("mfa"),
            claims => claims["auth_time"] = now - 60,
            claims => (claims["amr"], claims["auth_time"]) = (new JsonArray("mfa"), now - 700),
            claims => (claims["amr"], claims["auth_time"]) = (new JsonArray("mfa"), now + 700),
            claims => (claims["amr"], claims["auth_time"]) = (new JsonArray("mfa"), long.MaxValue),
            claims => (claims["amr"], claims["auth_time"]) = (new JsonArray("mfa"), (now - 60).ToString(System.Globalization.CultureInfo.InvariantCulture)),
            claims => (claims["amr"], claims["auth_time"]) = ("pwd mfa", now - 60),
            claims => (claims["amr"], claims["auth_time"]) = (new JsonArray(new JsonArray("mfa")), now - 60),
            claims => (claims["amr"], claims["auth_time"]) = (new JsonObject { ["mfa"] = "mfa" }, now - 60),
        })
        {
            using var weak = await SendAsync(change);
            Assert.Equal("auth.step_up_required", await EchoGateway.CodeAsync(weak));
            Assert.Equal(
                "Bearer error=\"insufficient_user_authentication\", error_description=\"A stronger or more recent sign-in is needed\", acr_values=\"mfa\", max_age=\"600\"",
                weak.Headers.WwwAuthenticate.ToString());
        }

        Task<HttpResponseMessage> SendAsync(Action<JsonObject> change) => echo.SendAsync(client, "/strong/x", ("Authorization", "Bearer " + issuer.Token(change)));
    }

    [Fact]
    public async Task Program_can_t_step_up()
    {
        await using var echo = await EchoGateway.StartAsync("strong: { authenticate: { methods: [token, apiKey], require: mfa }, authorize: authenticated }");
        using var client = echo.Gateway.Client();
        using var token = await echo.SendAsync(client, "/strong/x", ("Authorization", "Bearer " + await echo.Gateway.TokenAsync()));
        Assert.Equal("auth.step_up_required", await EchoGateway.CodeAsync(token));
        using var key = await echo.SendAsync(client, "/strong/x", ("X-Api-Key", echo.Gateway.ApiKeys.Add("k", "ada", echo.Clock.GetUtcNow().AddDays(1), tenant: null)));
        Assert.Equal("auth.step_up_required", await EchoGateway.CodeAsync(key));
    }
}
