using System.Buffers.Binary;
using System.Security.Cryptography;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Sealing;

/// <summary>The data key of one person, opened. Safe from any thread.</summary>
internal sealed class SubjectKey : IDisposable
{
    /// <summary>What is stored, sealed: 8 bytes of id, 32 of key.</summary>
    public const int StoredSize = sizeof(ulong) + Envelope.KeySize;

    private readonly KeyMaterial material;
    private readonly Lock gate = new();
    private bool closed;

    /// <param name="stored">Id and key, <see cref="StoredSize"/> bytes.</param>
    public SubjectKey(ReadOnlySpan<byte> stored)
    {
        Number = BinaryPrimitives.ReadUInt64BigEndian(stored);
        material = new KeyMaterial(stored.Slice(sizeof(ulong), Envelope.KeySize));
    }

    /// <summary>The id as it stands in envelopes: random, so that it tells nothing about whose key this is.</summary>
    public ulong Number { get; }

    /// <summary>Null when the key is given up: take it anew.</summary>
    public byte[]? Seal(ReadOnlySpan<byte> plaintext, SealingContext context)
    {
        Span<byte> random = stackalloc byte[SubjectEnvelope.SaltSize + Envelope.NonceSize];
        RandomNumberGenerator.Fill(random);
        var salt = random[..SubjectEnvelope.SaltSize];
        Span<byte> messageKey = stackalloc byte[Envelope.KeySize];
        if (!TryDerive(salt, messageKey))
            return null;
        var envelope = SubjectEnvelope.Seal(messageKey, Number, salt, random[SubjectEnvelope.SaltSize..], plaintext, context);
        CryptographicOperations.ZeroMemory(messageKey);
        return envelope;
    }

    /// <summary>False when the key is given up: take it anew.</summary>
    public bool TryOpen(ReadOnlySpan<byte> envelope, SealingContext context, out UnsealResult result)
    {
        result = new UnsealResult(UnsealOutcome.Malformed, null);
        if (!SubjectEnvelope.TryRead(envelope, out var number, out var salt))
            return true;
        result = new UnsealResult(UnsealOutcome.UnknownKey, null);
        if (number != Number)
            return true;
        Span<byte> messageKey = stackalloc byte[Envelope.KeySize];
        if (!TryDerive(salt, messageKey))
            return false;
        var plaintext = SubjectEnvelope.Open(messageKey, envelope, context);
        CryptographicOperations.ZeroMemory(messageKey);
        result = new UnsealResult(plaintext is null ? UnsealOutcome.Tampered : UnsealOutcome.Opened, plaintext);
        return true;
    }

    /// <summary>Zeroes the key. Whoever is deriving from it finishes first: nothing is ever derived from zeros.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            material.Dispose();
        }
    }

    internal bool IsZeroed => !material.Bytes.ContainsAnyExcept((byte)0);

    private bool TryDerive(ReadOnlySpan<byte> salt, Span<byte> messageKey)
    {
        lock (gate)
        {
            if (closed)
                return false;
            SubjectEnvelope.Derive(material.Bytes, salt, messageKey);
            return true;
        }
    }
}
