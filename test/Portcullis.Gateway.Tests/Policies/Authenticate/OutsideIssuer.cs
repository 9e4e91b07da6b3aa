using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Portcullis.Gateway.Tests.Policies.Authenticate;

/// <summary>An identity provider on loopback, with tokens of any shape under keys that can be rotated.</summary>
internal sealed class OutsideIssuer : IAsyncDisposable
{
    private readonly TimeProvider clock;
    private TestUpstream server = null!;
    private ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private int number = 1;
    private int fetches;
    private int questions;

    private OutsideIssuer(TimeProvider clock) => this.clock = clock;

    public string Url => server.Url;

    /// <summary>How often the keys were asked for.</summary>
    public int Fetches => Volatile.Read(ref fetches);

    /// <summary>How often the discovery document was asked for.</summary>
    public int Questions => Volatile.Read(ref questions);

    /// <summary>What the provider answers with; 200 unless set.</summary>
    public int Status { get; set; } = 200;

    /// <summary>What its discovery document has instead of its own key address.</summary>
    public string? KeyAddress { get; set; }

    /// <summary>What its discovery document calls itself, where that is not the truth.</summary>
    public string? Name { get; set; }

    /// <summary>A path that the provider says has moved, and where to.</summary>
    public (string Path, string Location)? Moved { get; set; }

    /// <summary>Sent instead of the keys.</summary>
    public string? Document { get; set; }

    public static async Task<OutsideIssuer> StartAsync(TimeProvider clock)
    {
        var issuer = new OutsideIssuer(clock);
        issuer.server = await TestUpstream.StartAsync(issuer.AnswerAsync);
        return issuer;
    }

    /// <summary>From now on the provider signs with, and publishes, another key alone.</summary>
    public void Rotate()
    {
        key.Dispose();
        key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        number++;
    }

    /// <summary>A token for the audience <c>api</c>, good for five minutes.</summary>
    public string Token(Action<JsonObject>? change = null, string? type = "JWT", string? keyId = null)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var claims = new JsonObject { ["iss"] = Url, ["sub"] = "somebody", ["aud"] = "api", ["iat"] = now, ["exp"] = now + 300, ["permissions"] = new JsonArray("orders:read") };
        change?.Invoke(claims);
        var header = new JsonObject { ["alg"] = "ES256", ["kid"] = keyId ?? KeyId };
        if (type is not null) header["typ"] = type;
        var signed = Encode(header.ToJsonString()) + "." + Encode(claims.ToJsonString());
        return signed + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256));
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        key.Dispose();
    }

    private string KeyId => $"key-{number}";

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        if (Moved is { } moved && context.Request.Path == moved.Path)
        {
            context.Response.Redirect(moved.Location);
            return;
        }

        if (context.Request.Path == "/.well-known/openid-configuration")
        {
            Interlocked.Increment(ref questions);
            await context.Response.WriteAsync(JsonSerializer.Serialize(new { issuer = Name ?? Url, jwks_uri = KeyAddress ?? Url + "/keys" }));
            return;
        }

        Interlocked.Increment(ref fetches);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        await context.Response.WriteAsync(Document ?? JsonSerializer.Serialize(new
        {
            keys = new[] { new { kty = "EC", crv = "P-256", use = "sig", alg = "ES256", kid = KeyId, x = Base64Url.EncodeToString(point.X), y = Base64Url.EncodeToString(point.Y) } },
        }));
    }
}
