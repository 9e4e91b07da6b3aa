using System.Diagnostics;

namespace Portcullis.Control.Storage;

/// <summary>
/// A value that was encrypted before it came near a database: AES-256-GCM, bound to its table, column and row. A property of this type can't
/// hold anything else by mistake. <see cref="SealedColumn"/> makes and opens it. Immutable.
/// </summary>
[DebuggerDisplay("[sealed]")]
public sealed class Sealed : IEquatable<Sealed>
{
    private readonly byte[] envelope;

    private Sealed(byte[] envelope) => this.envelope = envelope;

    /// <summary>The envelope, as <c>Portcullis.Trust.Sealing</c> frames it.</summary>
    public ReadOnlySpan<byte> Envelope => envelope;

    /// <summary>What the database holds; it is judged when it is opened.</summary>
    public static Sealed FromEnvelope(ReadOnlySpan<byte> envelope) => new(envelope.ToArray());

    /// <summary>A copy of the envelope.</summary>
    public byte[] ToArray() => [.. envelope];

    /// <summary>The same envelope. Values that were sealed apart differ, since each has a nonce of its own.</summary>
    public bool Equals(Sealed? other) => other is not null && envelope.AsSpan().SequenceEqual(other.envelope);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Sealed other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(envelope);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => "[sealed]";
}
