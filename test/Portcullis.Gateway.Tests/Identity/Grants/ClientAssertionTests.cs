using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Clients;
using Portcullis.Gateway.Identity.Events;

namespace Portcullis.Gateway.Tests.Identity.Grants;

/// <summary><c>private_key_jwt</c>: an assertion proves a client once, for minutes, here alone.</summary>
public sealed class ClientAssertionTests : IAsyncLifetime
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private CodeFlow flow = null!;

    public async ValueTask InitializeAsync()
    {
        flow = await CodeFlow.StartAsync();
        flow.Gateway.Clients.Add("signer", client => client with { Authentication = ClientAuthenticationMethod.PrivateKeyJwt, Keys = KeySet() }, "orders:read");
    }

    public async ValueTask DisposeAsync()
    {
        await flow.DisposeAsync();
        key.Dispose();
    }

    [Theory]
    [InlineData(CodeFlow.Issuer, "JWT")]
    [InlineData(CodeFlow.Issuer, "client-authentication+jwt")]
    [InlineData(CodeFlow.Issuer, null)]
    [InlineData(CodeFlow.Issuer + "/oauth/token", "JWT")]
    public async Task Assertion_proves_the_client(string audience, string? type)
        => Assert.Equal(200, (await TokenAsync(Assertion(("aud", audience), type: type))).Status);

    [Fact]
    public async Task Assertion_counts_once()
    {
        var assertion = Assertion();
        Assert.Equal(200, (await TokenAsync(assertion)).Status);
        Assert.Equal("invalid_client", (await TokenAsync(assertion)).Error);
        Assert.Equal([SecurityEventKind.AssertionReplayed], flow.Gateway.Events.Kinds);
    }

    // RFC 7523 §3, RFC 8725.
    [Theory]
    [InlineData("iss", "other")]
    [InlineData("iss", null)]
    [InlineData("sub", "other")]
    [InlineData("sub", "app")]
    [InlineData("sub", null)]
    [InlineData("aud", "https://evil.example")]
    [InlineData("aud", "https://issuer.example/")]
    [InlineData("aud", null)]
    [InlineData("aud", new[] { CodeFlow.Issuer, "https://evil.example" })]
    [InlineData("aud", new[] { CodeFlow.Issuer, CodeFlow.Issuer + "/oauth/token" })]
    [InlineData("jti", null)]
    [InlineData("jti", "")]
    [InlineData("exp", null)]
    [InlineData("exp", -31)]
    [InlineData("exp", 332)]
    [InlineData("nbf", 60)]
    [InlineData("iat", 60)]
    public async Task Assertion_that_says_anything_else_is_refused(string name, object? value)
    {
        var reply = await TokenAsync(Assertion((name, value is int seconds ? flow.Clock.Seconds + seconds : value)));
        Assert.Equal((401, "invalid_client"), (reply.Status, reply.Error));
    }

    [Theory]
    [InlineData("at+jwt")]
    [InlineData("dpop+jwt")]
    public async Task Assertion_of_another_type_is_refused(string type) => Assert.Equal("invalid_client", (await TokenAsync(Assertion(type: type))).Error);

    [Fact]
    public async Task Assertion_by_another_key_or_by_none_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal("invalid_client", (await TokenAsync(Assertion(by: other))).Error);
        var parts = Assertion().Split('.');
        Assert.Equal("invalid_client", (await TokenAsync($"{Base64Url.EncodeToString("""{"alg":"none"}"""u8)}.{parts[1]}.")).Error);
        Assert.Equal("invalid_client", (await TokenAsync("é" + Assertion())).Error);
    }

    [Fact]
    public async Task Access_token_of_the_gateway_proves_no_client()
        => Assert.Equal("invalid_client", (await TokenAsync((await TokenAsync(Assertion())).Access)).Error);

    [Fact]
    public async Task A_client_has_one_way_to_prove_itself()
    {
        // Its name beside it must be its own.
        Assert.Equal(200, (await TokenAsync(Assertion(), ("client_id", "signer"))).Status);
        Assert.Equal("invalid_client", (await TokenAsync(Assertion(), ("client_id", "app"))).Error);
        Assert.Equal("invalid_client", (await TokenAsync(Assertion(), ("client_secret", "x"))).Error);
        Assert.Equal("invalid_client", (await TokenAsync(Assertion(), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"))).Error);
        Assert.Equal("invalid_client", (await TokenAsync(Assertion(), ("client_assertion_type", null))).Error);

        // One with keys has no secret, and one with a secret has no keys.
        Assert.Equal("invalid_client", (await flow.PostAsync("/oauth/token", ("grant_type", "client_credentials"), ("client_id", "signer"), ("client_secret", "x"))).Error);
        Assert.Equal("invalid_client", (await TokenAsync(Assertion(("iss", "app"), ("sub", "app")))).Error);
    }

    [Fact]
    public async Task Disabled_client_proves_nothing()
    {
        flow.Gateway.Clients.Disable("signer");
        Assert.Equal("invalid_client", (await TokenAsync(Assertion())).Error);
    }

    [Fact]
    public async Task Keys_may_be_published_by_the_client()
    {
        await using var host = await TestUpstream.StartAsync(context => context.Response.Body.WriteAsync(KeySet()).AsTask());
        flow.Gateway.Clients.Add("remote", client => client with { Authentication = ClientAuthenticationMethod.PrivateKeyJwt, KeysUri = new Uri(host.Url + "/keys") }, "orders:read");
        Assert.Equal(200, (await TokenAsync(Assertion(("iss", "remote"), ("sub", "remote")))).Status);
    }

    private byte[] KeySet()
    {
        var point = key.ExportParameters(false).Q;
        return Encoding.ASCII.GetBytes($$"""{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}]}""");
    }

    private string Assertion(params (string Name, object? Value)[] changes) => Assertion(changes, "JWT", key);

    private string Assertion((string Name, object? Value) change, string? type) => Assertion([change], type, key);

    private string Assertion(string? type = "JWT", ECDsa? by = null) => Assertion([], type, by ?? key);

    private string Assertion((string Name, object? Value)[] changes, string? type, ECDsa by)
    {
        var claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["iss"] = "signer",
            ["sub"] = "signer",
            ["aud"] = CodeFlow.Issuer,
            ["exp"] = flow.Clock.Seconds + 60,
            ["jti"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(8)),
        };
        foreach (var (name, value) in changes)
        {
            if (value is null) claims.Remove(name);
            else claims[name] = value;
        }

        var header = type is null ? """{"alg":"ES256","kid":"k1"}""" : $$"""{"alg":"ES256","kid":"k1","typ":"{{type}}"}""";
        var input = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{input}.{Base64Url.EncodeToString(by.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256))}";
    }

    private Task<CodeFlow.Reply> TokenAsync(string assertion, params (string Name, string? Value)[] fields) => flow.PostAsync(
        "/oauth/token",
        [("grant_type", GrantNames.ClientCredentials), ("client_id", null), ("client_secret", null), ("client_assertion", assertion), ("client_assertion_type", ClientAssertions.Type), .. fields]);
}
