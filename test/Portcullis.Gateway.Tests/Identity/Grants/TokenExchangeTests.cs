using System.Text;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Grants;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Tests.Identity.Grants;

/// <summary>Token exchange (RFC 8693): a token for an upstream, signed by the gateway, that says no more than the one given for it.</summary>
public sealed class TokenExchangeTests : IAsyncLifetime
{
    private CodeFlow flow = null!;
    private string secret = string.Empty;

    public async ValueTask InitializeAsync()
    {
        flow = await CodeFlow.StartAsync();
        (_, secret) = flow.Gateway.Clients.Add("edge", client => client with { Grants = [GrantNames.TokenExchange], ExchangeAudiences = ["billing"] });
    }

    public ValueTask DisposeAsync() => flow.DisposeAsync();

    [Fact]
    public async Task Upstream_token_names_the_person_the_actor_and_the_upstream()
    {
        var one = await flow.SignInAsync();
        var reply = await ExchangeAsync(one.Access);
        Assert.Equal(200, reply.Status);
        Assert.Equal(TokenExchangeGrant.AccessTokenType, reply.Text("issued_token_type"));
        Assert.Equal(300, reply.Body.GetProperty("expires_in").GetInt32());

        var result = new TokenVerifier(new TokenRules { Issuer = CodeFlow.Issuer, Audiences = ["billing"] }, flow.Clock).Verify(reply.Access, flow.Gateway.Keys.Current.PublicKeys(KeyPurpose.TokenSigning));
        Assert.True(result.IsValid, result.ToString());
        Assert.Equal(("ada", "edge"), (result.Claims.Subject, result.Claims.ClientId));
        Assert.Equal(["orders:read"], result.Claims.Permissions);
        Assert.Contains("\"act\":{\"sub\":\"edge\"}", Encoding.UTF8.GetString(result.Claims.Payload.Span), StringComparison.Ordinal);
        Assert.NotNull(result.Claims.FindString("grant_id"u8));
    }

    [Fact]
    public async Task Upstream_token_lives_no_longer_than_the_one_given_for_it()
    {
        var one = await flow.SignInAsync();
        flow.Clock.Advance(TimeSpan.FromSeconds(3600 - 60));
        Assert.InRange((await ExchangeAsync(one.Access)).Body.GetProperty("expires_in").GetInt32(), 50, 60);
        flow.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal("invalid_request", (await ExchangeAsync(one.Access)).Error);
    }

    [Theory]
    [InlineData("audience", null, "invalid_target")]
    [InlineData("audience", "payroll", "invalid_target")]
    [InlineData("audience", CodeFlow.Issuer, "invalid_target")]
    [InlineData("scope", "orders:write", "invalid_scope")]
    [InlineData("subject_token", null, "invalid_request")]
    [InlineData("subject_token", "nonsense", "invalid_request")]
    [InlineData("subject_token_type", null, "invalid_request")]
    [InlineData("subject_token_type", "urn:ietf:params:oauth:token-type:refresh_token", "invalid_request")]
    [InlineData("requested_token_type", "urn:ietf:params:oauth:token-type:saml2", "invalid_request")]
    [InlineData("actor_token", "x", "invalid_request")]
    public async Task Wrong_request_is_refused(string name, string? value, string error)
        => Assert.Equal(error, (await ExchangeAsync((await flow.SignInAsync()).Access, (name, value))).Error);

    [Fact]
    public async Task Revoked_token_and_ID_token_give_nothing()
    {
        var one = await flow.SignInAsync();
        Assert.Equal("invalid_request", (await ExchangeAsync(one.Text("id_token"))).Error);
        Assert.Equal("invalid_request", (await ExchangeAsync(one.Refresh)).Error);
        await flow.PostAsync("/oauth/revoke", ("token", one.Access));
        Assert.Equal("invalid_request", (await ExchangeAsync(one.Access)).Error);
    }

    [Fact]
    public async Task Only_who_is_registered_for_it_exchanges()
    {
        var one = await flow.SignInAsync();
        Assert.Equal("unauthorized_client", (await ExchangeAsync(one.Access, ("client_id", "app"), ("client_secret", flow.Secret))).Error);
    }

    private Task<CodeFlow.Reply> ExchangeAsync(string token, params (string Name, string? Value)[] fields) => flow.PostAsync(
        "/oauth/token",
        [
            ("grant_type", GrantNames.TokenExchange), ("client_id", "edge"), ("client_secret", secret), ("audience", "billing"),
            ("subject_token", token), ("subject_token_type", TokenExchangeGrant.AccessTokenType), .. fields,
        ]);
}
