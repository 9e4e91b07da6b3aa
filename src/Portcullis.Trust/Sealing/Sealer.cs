using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Sealing;

/// <summary>
/// Seals and opens values with the keys of one purpose: the active key seals, pending, active and retired ones open. Safe from any thread.
/// A key that has sealed 2^32 messages is replaced on the spot; rotation is due long before.
/// </summary>
public sealed class Sealer
{
    private readonly KeyRing ring;
    private readonly KeyPurpose purpose;

    /// <summary>A sealer for <paramref name="purpose"/>, which must have a policy in the ring.</summary>
    public Sealer(KeyRing ring, KeyPurpose purpose)
    {
        if (ring.Current.FindSealingKey(purpose) is null)
            throw new ArgumentException($"The ring holds no sealing key for purpose {purpose}.", nameof(purpose));
        this.ring = ring;
        this.purpose = purpose;
    }

    /// <summary>Bytes a sealed value takes beyond its plaintext.</summary>
    public static int Overhead => Envelope.Overhead;

    /// <summary>Seals into a new array.</summary>
    /// <exception cref="KeyRingException">The count of messages could not be written.</exception>
    public byte[] Seal(ReadOnlySpan<byte> plaintext, SealingContext context)
    {
        var envelope = new byte[plaintext.Length + Overhead];
        Seal(plaintext, context, envelope);
        return envelope;
    }

    /// <summary>Seals into <paramref name="destination"/>, which needs room for the plaintext and <see cref="Overhead"/>. Returns the length.</summary>
    /// <exception cref="KeyRingException">The count of messages could not be written.</exception>
    public int Seal(ReadOnlySpan<byte> plaintext, SealingContext context, Span<byte> destination)
    {
        // A key may reach its limit, or be replaced by another thread, between the look and the use; each turn takes a newer key.
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var key = ring.Current.FindSealingKey(purpose);
            if (key is null)
                break;
            if (key.TrySeal(plaintext, context.Encoded, destination))
                return plaintext.Length + Overhead;
            ring.Replace(purpose, key.Id);
        }

        throw new InvalidOperationException($"No key of purpose {purpose} can seal.");
    }

    /// <summary>Opens into <paramref name="destination"/>, which needs room for the envelope less <see cref="Overhead"/>.</summary>
    public UnsealOutcome Open(ReadOnlySpan<byte> envelope, SealingContext context, Span<byte> destination, out int written)
    {
        written = 0;
        if (!Envelope.TryReadKeyId(envelope, out var number))
            return UnsealOutcome.Malformed;
        if (ring.Current.FindSealingKey(purpose, number) is not { } key)
            return UnsealOutcome.UnknownKey;
        var outcome = key.Open(envelope, context.Encoded, destination);
        if (outcome == UnsealOutcome.Opened)
            written = envelope.Length - Overhead;
        return outcome;
    }

    /// <summary>Opens into a new array, which is null unless the outcome is <see cref="UnsealOutcome.Opened"/>.</summary>
    public UnsealOutcome Open(ReadOnlySpan<byte> envelope, SealingContext context, out byte[]? plaintext)
    {
        var buffer = new byte[Math.Max(0, envelope.Length - Overhead)];
        var outcome = Open(envelope, context, buffer, out _);
        plaintext = outcome == UnsealOutcome.Opened ? buffer : null;
        return outcome;
    }

    /// <summary>
    /// The nine bytes that everything sealed now begins with: version and key id. What begins otherwise is stale; a database can select by it.
    /// </summary>
    public byte[] CurrentPrefix()
    {
        var key = ring.Current.FindSealingKey(purpose) ?? throw new InvalidOperationException($"No key of purpose {purpose} can seal.");
        return Envelope.Prefix(key.Number);
    }

    /// <summary>True when the value should be sealed anew: it was sealed under a key that is no longer the active one.</summary>
    public bool IsStale(ReadOnlySpan<byte> envelope) =>
        !Envelope.TryReadKeyId(envelope, out var number) || ring.Current.FindSealingKey(purpose)?.Number != number;
}
