using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tokens;

/// <summary>Writes public keys as JWK (RFC 7517) and computes their thumbprints (RFC 7638).</summary>
internal static class JsonWebKeyWriter
{
    /// <summary>SHA-256 over the required members alone, in lexicographic order, without white space (RFC 7638, section 3).</summary>
    public static string Thumbprint(VerificationKey key)
    {
        var first = Base64Url.EncodeToString(key.First);
        var second = Base64Url.EncodeToString(key.Second);
        var canonical = key.Algorithm == KeyAlgorithm.RS256
            ? $$"""{"e":"{{second}}","kty":"RSA","n":"{{first}}"}"""
            : $$"""{"crv":"P-256","kty":"EC","x":"{{first}}","y":"{{second}}"}""";
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)));
    }

    public static byte[] WriteSet(IReadOnlyList<VerificationKey> keys)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("keys"u8);
            foreach (var key in keys)
                Write(writer, key);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, VerificationKey key)
    {
        var isRsa = key.Algorithm == KeyAlgorithm.RS256;
        writer.WriteStartObject();
        writer.WriteString("kty"u8, isRsa ? "RSA"u8 : "EC"u8);
        writer.WriteString("use"u8, "sig"u8);
        writer.WriteString("alg"u8, key.Algorithm.Name());
        writer.WriteString("kid"u8, key.Id);
        if (!isRsa)
            writer.WriteString("crv"u8, "P-256"u8);
        writer.WriteString(isRsa ? "n"u8 : "x"u8, Base64Url.EncodeToString(key.First));
        writer.WriteString(isRsa ? "e"u8 : "y"u8, Base64Url.EncodeToString(key.Second));
        writer.WriteEndObject();
    }
}
