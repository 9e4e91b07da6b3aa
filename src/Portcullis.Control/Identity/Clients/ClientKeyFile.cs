using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Portcullis.Trust.Tokens;

namespace Portcullis.Control.Identity.Clients;

/// <summary>
/// Reads the public keys of a client from what an operator has: a JWKS document (RFC 7517), one JWK of it, or public keys and certificates in PEM. The result is a JWKS with
/// nothing but what was understood.
/// </summary>
public static class ClientKeyFile
{
    /// <summary>Largest file that is read.</summary>
    public const int MaximumSize = 64 * 1024;

    private const string Algorithms = "RSA keys from 2048 bits on (RS256) and P-256 keys (ES256) are taken";

    /// <summary>The keys as a JWKS document; empty with a defect where there are none, or one of them can't serve.</summary>
    public static (ReadOnlyMemory<byte> Keys, ClientDefect? Defect) Read(ReadOnlySpan<byte> file)
    {
        if (file.Length > MaximumSize) return Fail($"more than {MaximumSize / 1024} KiB", "write only the client's public keys into the file");
        var text = Encoding.UTF8.GetString(file).Trim('\uFEFF', ' ', '\t', '\r', '\n');
        return text.StartsWith('{') ? ReadJson(text) : ReadPem(text);
    }

    private static (ReadOnlyMemory<byte> Keys, ClientDefect? Defect) ReadJson(string text)
    {
        // A single key stands for a set of one.
        if (!text.Contains("\"keys\"", StringComparison.Ordinal)) text = $"{{\"keys\":[{text}]}}";
        if (!JsonWebKeySet.TryParse(Encoding.UTF8.GetBytes(text), out var set, out var fault)) return Fail($"no JWKS: {fault}", "write the JWKS document that the client would publish");

        // Better to say so now than to refuse the client later.
        if (set.Skipped is [var skipped, ..]) return Fail($"key {skipped.KeyId ?? "without kid"}: {skipped.Reason}", Algorithms + "; never the private half");
        return set.Keys.Count == 0 ? Fail("no key", Algorithms) : (set.Document, null);
    }

    private static (ReadOnlyMemory<byte> Keys, ClientDefect? Defect) ReadPem(string text)
    {
        var jwks = new StringBuilder("{\"keys\":[");
        var count = 0;
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var label = rest[fields.Label].ToString();
            if (label.Contains("PRIVATE", StringComparison.Ordinal)) return Fail("a private key", "the client alone has it; write the public half: openssl pkey -in FILE -pubout");
            if (label is not ("PUBLIC KEY" or "CERTIFICATE")) return Fail($"a {label}", "write public keys (BEGIN PUBLIC KEY) or certificates");
            if (ToJwk(label, rest[fields.Location].ToString()) is not { } jwk) return Fail($"a {label} that can't be read", Algorithms);
            jwks.Append(count++ == 0 ? string.Empty : ",").Append(jwk);
            rest = rest[fields.Location.End..];
        }

        return count == 0 ? Fail("neither JWKS nor PEM", "write a JWKS document, or a public key in PEM: openssl pkey -in FILE -pubout") : ReadJson(jwks.Append("]}").ToString());
    }

    private static string? ToJwk(string label, string pem)
    {
        try
        {
            using var certificate = label == "CERTIFICATE" ? X509Certificate2.CreateFromPem(pem) : null;
            var info = certificate?.PublicKey.ExportSubjectPublicKeyInfo() ?? PemBytes(pem);
            return RsaJwk(info) ?? EcJwk(info);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static byte[] PemBytes(string pem)
    {
        var fields = PemEncoding.Find(pem);
        return Convert.FromBase64String(pem[fields.Base64Data]);
    }

    private static string? RsaJwk(byte[] info)
    {
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportSubjectPublicKeyInfo(info, out _);
        }
        catch (CryptographicException)
        {
            return null;
        }

        var key = rsa.ExportParameters(false);
        return JsonSerializer.Serialize(new { kty = "RSA", n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent) });
    }

    private static string? EcJwk(byte[] info)
    {
        using var ec = ECDsa.Create();
        ec.ImportSubjectPublicKeyInfo(info, out _);
        var key = ec.ExportParameters(false);

        // Others are named by their size, which the reader of keys then refuses by its own words.
        var curve = key.Q.X!.Length == 32 ? "P-256" : $"P-{8 * key.Q.X.Length}";
        return JsonSerializer.Serialize(new { kty = "EC", crv = curve, x = Base64Url.EncodeToString(key.Q.X), y = Base64Url.EncodeToString(key.Q.Y) });
    }

    private static (ReadOnlyMemory<byte> Keys, ClientDefect? Defect) Fail(string what, string hint) => (default, new ClientDefect($"the key file holds {what}", hint));
}
