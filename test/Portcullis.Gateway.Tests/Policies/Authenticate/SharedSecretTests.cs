using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Policies.Authenticate;

/// <summary>A partner that signs by a secret shared with the gateway: for its own tokens, and where it is written.</summary>
public sealed class SharedSecretTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef";
    private const string Partner = "https://pair.example";

    [Fact]
    public async Task Token_by_the_shared_secret_counts_for_that_issuer_alone_until_the_secret_changes()
    {
        await using var upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync(context.Request.Headers["Portcullis-Issuer"].ToString()));
        await using var gateway = await TestGateway.StartAsync(Configuration(upstream.Url, Secret));
        using var client = gateway.Client();
        Assert.Equal(200, await StatusAsync(Token(Partner, Secret)));
        Assert.Equal(200, await StatusAsync(Token(Partner, Secret)));

        // Not for the gateway's own issuer, nor for one whose keys are public, nor by anything else.
        Assert.Equal(401, await StatusAsync(Token("https://issuer.example", Secret)));
        Assert.Equal(401, await StatusAsync(Token("https://login.example", Secret)));
        Assert.Equal(401, await StatusAsync(Token(Partner, Secret + "x")));
        Assert.Equal(401, await StatusAsync(Token(Partner, string.Empty)));

        Assert.Empty(await gateway.ApplyAsync(Configuration(upstream.Url, Secret + "new")));
        Assert.Equal(401, await StatusAsync(Token(Partner, Secret)));
        Assert.Equal(200, await StatusAsync(Token(Partner, Secret + "new")));

        async Task<int> StatusAsync(string token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address("/api")) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
            using var response = await client.SendAsync(request);
            return (int)response.StatusCode;
        }
    }

    // Algorithm confusion (RFC 8725 §2.1, §3.1): the key says by what a token is signed, never the token; and what is public is nobody's secret.
    [Fact]
    public async Task No_other_algorithm_counts_for_the_pair_and_no_secret_for_anybody_else()
    {
        await using var upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("let in"));
        await using var gateway = await TestGateway.StartAsync(Configuration(upstream.Url, Secret));
        using var client = gateway.Client();
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var secret = Encoding.UTF8.GetBytes(Secret);
        var point = stranger.ExportParameters(includePrivateParameters: false).Q;
        var (x, y) = (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        var own = Encoding.UTF8.GetString(gateway.Keys.Current.PublicKeys(Trust.Keys.KeyPurpose.TokenSigning).Document.Span);
        using var document = System.Text.Json.JsonDocument.Parse(own);
        var key = document.RootElement.GetProperty("keys")[0];
        Assert.Equal(200, await StatusAsync(Signed("HS256", Partner, input => HMACSHA256.HashData(secret, input))));

        foreach (var token in new[]
        {
            Signed("HS384", Partner, input => HMACSHA384.HashData(secret, input)),
            Signed("HS512", Partner, input => HMACSHA512.HashData(secret, input)),
            Signed("hs256", Partner, input => HMACSHA256.HashData(secret, input)),
            Signed("none", Partner, _ => []),
            Signed("none", Partner, input => HMACSHA256.HashData(secret, input)),
            Signed("RS256", Partner, input => HMACSHA256.HashData(secret, input)),
            Signed("HS256", Partner, _ => []),
            Signed("HS256", Partner, input => HMACSHA256.HashData(secret, input)[..16]),
            Signed("HS256", Partner, input => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret + "\n"), input)),
            Signed("HS256", Partner, input => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Convert.ToBase64String(secret)), input)),
            Signed("ES256", Partner, input => stranger.SignData(input, HashAlgorithmName.SHA256)),
            Signed($"ES256\",\"jwk\":{{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"{x}\",\"y\":\"{y}\"}},\"a\":\"", Partner, input => stranger.SignData(input, HashAlgorithmName.SHA256)),
            Signed("HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"},\"a\":\"", Partner, input => HMACSHA256.HashData(new byte[3], input)),

            // The gateway's own public keys, in every form in which somebody might take them for a secret.
            Signed("HS256", "https://issuer.example", input => HMACSHA256.HashData(Encoding.UTF8.GetBytes(own), input)),
            Signed("HS256", "https://issuer.example", input => HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.GetRawText()), input)),
            Signed("HS256", "https://issuer.example", input => HMACSHA256.HashData(Base64Url.DecodeFromChars(key.GetProperty("x").GetString()!), input)),
            Signed($"HS256\",\"kid\":\"{key.GetProperty("kid").GetString()}", "https://issuer.example", input => HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.GetProperty("kid").GetString()!), input)),
            Signed("HS256", "https://issuer.example", input => HMACSHA256.HashData(secret, input)),
        })
        {
            Assert.Equal(401, await StatusAsync(token));
        }

        async Task<int> StatusAsync(string token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, gateway.Address("/api")) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
            using var response = await client.SendAsync(request);
            return (int)response.StatusCode;
        }
    }

    [Theory]
    [InlineData("sharedSecret: short", "identity.externalIssuers[0].sharedSecret: is shorter than 32 octets")]
    [InlineData("sharedSecret: " + Secret + ", jwks: \"https://pair.example/keys\"", "identity.externalIssuers[0].jwks: stands beside sharedSecret")]
    public async Task Weak_or_ambiguous_secret_is_an_error(string keys, string error)
    {
        await using var gateway = await TestGateway.StartAsync("listeners: { public: { address: 127.0.0.1:0 } }");
        var loaded = gateway.Load($$"""
            listeners: { public: { address: 127.0.0.1:0 } }
            identity: { issuer: "https://issuer.example", externalIssuers: [{ issuer: "{{Partner}}", audience: api, {{keys}} }] }
            """);
        Assert.Contains(loaded.Problems.All, problem => problem.IsError && problem.ToString().Contains(error, StringComparison.Ordinal));
        Assert.DoesNotContain(loaded.Problems.All, problem => problem.ToString().Contains(Secret, StringComparison.Ordinal));
    }

    private static string Configuration(string upstream, string secret) =>
        $$"""
        listeners: { public: { address: 127.0.0.1:0 } }
        clusters: { app: { destinations: ["{{upstream}}"] } }
        routes: { api: { match: { path: /api }, cluster: app, policies: { authenticate: token, authorize: authenticated } } }
        identity:
          issuer: https://issuer.example
          externalIssuers:
            - { issuer: "{{Partner}}", audience: api, sharedSecret: "{{secret}}" }
            - { issuer: "https://login.example", audience: api, jwks: "http://127.0.0.1:1/keys" }
        """;

    private static string Signed(string algorithm, string issuer, Func<byte[], byte[]> sign)
    {
        var payload = $$"""{"iss":"{{issuer}}","sub":"job","aud":["api","https://issuer.example"],"exp":{{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 60}}}""";
        var input = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"typ":"JWT","alg":"{{algorithm}}"}"""))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
        return $"{input}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(input)))}";
    }

    private static string Token(string issuer, string secret)
    {
        var payload = $$"""{"iss":"{{issuer}}","sub":"job","aud":["api","https://issuer.example"],"exp":{{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 60}}}""";
        var input = $"{Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
        return $"{input}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(input)))}";
    }
}
