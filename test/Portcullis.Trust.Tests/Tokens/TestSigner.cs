using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Tokens;

/// <summary>Keys made once for all tests, and tokens with any header and payload, also ones that the product would never make.</summary>
internal static class TestSigner
{
    public static SigningKey Rsa { get; } = Make(KeyAlgorithm.RS256, RSA.Create(2048));

    public static SigningKey P256 { get; } = Make(KeyAlgorithm.ES256, ECDsa.Create(ECCurve.NamedCurves.nistP256));

    public static JsonWebKeySet Keys { get; } = new([Rsa.PublicKey, P256.PublicKey], []);

    public static JsonWebKeySet Only(SigningKey key) => new(ImmutableArray.Create(key.PublicKey), []);

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    /// <summary>A genuine signature over whatever header and payload.</summary>
    public static string Sign(SigningKey key, string header, string payload) => SignRaw(key, Encode(header), Encode(payload));

    public static string SignRaw(SigningKey key, string header, string payload)
    {
        var signature = new byte[key.SignatureSize];
        Assert.True(key.TrySign(Encoding.ASCII.GetBytes($"{header}.{payload}"), signature));
        return $"{header}.{payload}.{Base64Url.EncodeToString(signature)}";
    }

    public static string Header(SigningKey key, string type = "at+jwt") => $$"""{"alg":"{{key.Algorithm.Name()}}","kid":"{{key.Id}}","typ":"{{type}}"}""";

    private static SigningKey Make(KeyAlgorithm algorithm, AsymmetricAlgorithm made)
    {
        using (made)
        {
            Assert.True(VerificationKey.TryCreate(algorithm, made.ExportSubjectPublicKeyInfo(), out var publicKey));
            return new SigningKey(publicKey, new KeyMaterial(made.ExportPkcs8PrivateKey()));
        }
    }
}
