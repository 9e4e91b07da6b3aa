using System.Security.Cryptography;

namespace Portcullis.Trust.Keys;

/// <summary>Secret key bytes in memory: pinned, so that the collector makes no copies, and zeroed when given up.</summary>
internal sealed class KeyMaterial : IDisposable
{
    private readonly byte[] bytes;

    public KeyMaterial(ReadOnlySpan<byte> bytes)
    {
        this.bytes = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(this.bytes);
    }

    private KeyMaterial(int length) => bytes = GC.AllocateArray<byte>(length, pinned: true);

    public static KeyMaterial Random(int length)
    {
        var material = new KeyMaterial(length);
        RandomNumberGenerator.Fill(material.bytes);
        return material;
    }

    /// <summary>Room for <paramref name="length"/> bytes that the caller fills through <see cref="Writable"/>.</summary>
    public static KeyMaterial Empty(int length) => new(length);

    public ReadOnlySpan<byte> Bytes => bytes;

    public Span<byte> Writable => bytes;

    public void Dispose() => CryptographicOperations.ZeroMemory(bytes);

    public override string ToString() => Secret.Redacted;
}
