using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Portcullis.Control.Identity.Clients;
using Portcullis.Trust.Tokens;

namespace Portcullis.Control.Tests.Identity.Clients;

public sealed class ClientKeyFileTests
{
    private static readonly RSA Rsa = RSA.Create(2048);
    private static readonly ECDsa Ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    [Fact]
    public void Public_keys_and_certificates_in_pem_are_taken_as_many_as_there_are()
    {
        using var certificate = new CertificateRequest("CN=client", Ec, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));

        var set = Read("a comment\n" + Rsa.ExportSubjectPublicKeyInfoPem() + "\n" + certificate.ExportCertificatePem() + "\n");

        Assert.Equal(["RS256", "ES256"], set.Keys.Select(key => key.Algorithm.ToString()));
        Assert.True(set.Keys[0].Verify("data"u8, Rsa.SignData("data"u8, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
        Assert.True(set.Keys[1].Verify("data"u8, Ec.SignData("data"u8, HashAlgorithmName.SHA256)));
    }

    [Fact]
    public void A_jwks_keeps_its_key_ids_and_nothing_that_was_not_understood()
    {
        var jwk = Encoding.UTF8.GetString(ReadBytes(Rsa.ExportSubjectPublicKeyInfoPem()))[9..^2].Replace("\"kid\":\"", "\"x-note\":\"secret\",\"kid\":\"mine-", StringComparison.Ordinal);

        foreach (var text in (string[])["{\"keys\":[" + jwk + "]}", "\uFEFF " + jwk + "\n"])
        {
            var keys = ReadBytes(text);
            Assert.StartsWith("mine-", Assert.Single(Parse(keys).Keys).Id, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", Encoding.UTF8.GetString(keys), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_private_key_is_refused_and_told_how_to_make_a_public_one()
    {
        var jwk = """{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}""";

        AssertRefused(Rsa.ExportPkcs8PrivateKeyPem(), "a private key");
        AssertRefused(Rsa.ExportRSAPrivateKeyPem(), "a private key");
        AssertRefused(Ec.ExportECPrivateKeyPem(), "a private key");
        AssertRefused(jwk, "private half");
    }

    [Fact]
    public void What_could_not_serve_is_refused_at_once()
    {
        using var small = RSA.Create(1024);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        AssertRefused(small.ExportSubjectPublicKeyInfoPem(), string.Empty);
        AssertRefused(Rsa.ExportSubjectPublicKeyInfoPem() + small.ExportSubjectPublicKeyInfoPem(), string.Empty);
        AssertRefused(other.ExportSubjectPublicKeyInfoPem(), string.Empty);
        AssertRefused("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "can't be read");
        AssertRefused("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "can't be read");
        AssertRefused("""{"keys":[]}""", "no key");
        AssertRefused("""{"keys":[{"kty":"oct","k":"AAAA"}]}""", "not supported");
        AssertRefused("{", "no JWKS");
        AssertRefused(string.Empty, "neither JWKS nor PEM");
        AssertRefused("hello", "neither JWKS nor PEM");
        AssertRefused(new string(' ', ClientKeyFile.MaximumSize + 1), "more than");
    }

    private static void AssertRefused(string text, string message)
    {
        var (keys, defect) = ClientKeyFile.Read(Encoding.UTF8.GetBytes(text));
        Assert.NotNull(defect);
        Assert.Contains(message, defect.Message, StringComparison.Ordinal);
        Assert.True(keys.IsEmpty);
    }

    private static JsonWebKeySet Read(string text) => Parse(ReadBytes(text));

    private static byte[] ReadBytes(string text)
    {
        var (keys, defect) = ClientKeyFile.Read(Encoding.UTF8.GetBytes(text));
        Assert.Null(defect);
        return keys.ToArray();
    }

    private static JsonWebKeySet Parse(byte[] keys)
    {
        Assert.True(JsonWebKeySet.TryParse(keys, out var set, out var fault), fault);
        Assert.Empty(set.Skipped);
        return set;
    }
}
