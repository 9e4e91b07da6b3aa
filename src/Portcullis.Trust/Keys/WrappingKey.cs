using System.Security.Cryptography;
using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Keys;

/// <summary>
/// The key under which the ring's secret material is sealed and its file authenticated. Two keys are derived from it (HKDF, RFC 5869), one for
/// each use. Where its bytes come from (file, later passphrase or credential) is not its concern.
/// </summary>
internal sealed class WrappingKey : IDisposable
{
    public const int Size = 32;

    private readonly HandlePool<AesGcm> ciphers;
    private readonly KeyMaterial sealing = KeyMaterial.Empty(Envelope.KeySize);
    private readonly KeyMaterial authentication = KeyMaterial.Empty(SHA256.HashSizeInBytes);

    public WrappingKey(ReadOnlySpan<byte> secret)
    {
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, sealing.Writable, [], "portcullis wrapping key: seal v1"u8);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, authentication.Writable, [], "portcullis wrapping key: authenticate v1"u8);
        Id = IdOf(secret);
        ciphers = new HandlePool<AesGcm>(() => new AesGcm(sealing.Bytes, Envelope.TagSize));
    }

    /// <summary>16 hexadecimal digits, derived from the key.</summary>
    public string Id { get; }

    public static string IdOf(ReadOnlySpan<byte> secret)
    {
        Span<byte> id = stackalloc byte[8];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, id, [], "portcullis wrapping key: id v1"u8);
        return Convert.ToHexStringLower(id);
    }

    public byte[] Wrap(ReadOnlySpan<byte> material, SealingContext context)
    {
        var cipher = Rent();
        try
        {
            var envelope = new byte[material.Length + Envelope.Overhead];
            Span<byte> nonce = stackalloc byte[Envelope.NonceSize];
            RandomNumberGenerator.Fill(nonce);
            Envelope.Seal(cipher, SealingKey.ParseId(Id), nonce, material, context.Encoded, envelope);
            return envelope;
        }
        finally
        {
            ciphers.Return(cipher);
        }
    }

    /// <summary>Null when the envelope was not sealed by this key in this context.</summary>
    public KeyMaterial? Unwrap(ReadOnlySpan<byte> envelope, SealingContext context)
    {
        if (!Envelope.TryReadKeyId(envelope, out var number) || number != SealingKey.ParseId(Id))
            return null;
        var cipher = Rent();
        try
        {
            var material = KeyMaterial.Empty(envelope.Length - Envelope.Overhead);
            if (Envelope.TryOpen(cipher, envelope, context.Encoded, material.Writable))
                return material;
            material.Dispose();
            return null;
        }
        finally
        {
            ciphers.Return(cipher);
        }
    }

    public byte[] Authenticate(ReadOnlySpan<byte> text) => HMACSHA256.HashData(authentication.Bytes, text);

    public void Dispose()
    {
        ciphers.Close();
        sealing.Dispose();
        authentication.Dispose();
    }

    private AesGcm Rent()
    {
        var isOpen = ciphers.TryRent(out var cipher);
        ObjectDisposedException.ThrowIf(!isOpen, this);
        return cipher!;
    }
}
