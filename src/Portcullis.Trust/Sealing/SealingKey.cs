using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Sealing;

/// <summary>One AES-256-GCM key with its count of messages. Safe from any thread.</summary>
internal sealed class SealingKey : IDisposable
{
    /// <summary>
    /// Messages reserved at a time. A process that ends loses what it had not used: at most a 16,384th part of the key's limit, and rotation
    /// is due at half of the limit.
    /// </summary>
    public const long Block = 1L << 18;

    private readonly KeyMaterial material;
    private readonly ISealingAllowance allowance;
    private readonly HandlePool<AesGcm> ciphers;
    private readonly Lock gate = new();
    private long remaining;

    public SealingKey(string id, KeyMaterial material, ISealingAllowance allowance)
    {
        Id = id;
        Number = ParseId(id);
        this.material = material;
        this.allowance = allowance;
        ciphers = new HandlePool<AesGcm>(() => new AesGcm(this.material.Bytes, Envelope.TagSize));
    }

    public string Id { get; }

    /// <summary>The id as it stands in an envelope.</summary>
    public ulong Number { get; }

    public static string FormatId(ulong number) => number.ToString("x16", CultureInfo.InvariantCulture);

    public static ulong ParseId(string id) => ulong.Parse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    public static string NewId() => FormatId(BinaryPrimitives.ReadUInt64BigEndian(RandomNumberGenerator.GetBytes(8)));

    /// <summary>False when the key's limit is reached or the key is given up; nothing is written then.</summary>
    public bool TrySeal(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> context, Span<byte> destination)
    {
        if (!TryCount() || !ciphers.TryRent(out var cipher))
            return false;
        try
        {
            Span<byte> nonce = stackalloc byte[Envelope.NonceSize];
            RandomNumberGenerator.Fill(nonce);
            Envelope.Seal(cipher, Number, nonce, plaintext, context, destination);
            return true;
        }
        finally
        {
            ciphers.Return(cipher);
        }
    }

    public UnsealOutcome Open(ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> context, Span<byte> destination)
    {
        if (!ciphers.TryRent(out var cipher))
            return UnsealOutcome.UnknownKey;
        try
        {
            return Envelope.TryOpen(cipher, envelope, context, destination) ? UnsealOutcome.Opened : UnsealOutcome.Tampered;
        }
        finally
        {
            ciphers.Return(cipher);
        }
    }

    public void Dispose()
    {
        ciphers.Close();
        material.Dispose();
    }

    private bool TryCount()
    {
        while (true)
        {
            if (Interlocked.Decrement(ref remaining) >= 0)
                return true;
            lock (gate)
            {
                if (Volatile.Read(ref remaining) > 0)
                    continue;
                var granted = allowance.Reserve(Id, Block);
                if (granted <= 0)
                    return false;
                Interlocked.Exchange(ref remaining, granted);
            }
        }
    }
}
