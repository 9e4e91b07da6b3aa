using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Portcullis.Trust.Keys;

/// <summary>
/// A value that must not be seen: a password, a client secret, an upstream credential. Printing, interpolating or serialising it gives
/// <c>[redacted]</c>, so a record that holds one can be logged whole. Comparison takes the same time wherever the values differ and whatever
/// their lengths are. Immutable, safe from any thread. The bytes stay in memory as long as the object does.
/// </summary>
[DebuggerDisplay("[redacted]")]
[JsonConverter(typeof(SecretJsonConverter))]
public sealed class Secret : IEquatable<Secret>
{
    /// <summary>What every printed form of a secret looks like.</summary>
    public const string Redacted = "[redacted]";

    private readonly byte[] value;

    private Secret(byte[] value) => this.value = value;

    /// <summary>A secret whose bytes are the UTF-8 form of <paramref name="value"/>.</summary>
    public static Secret FromText(string value) => new(Encoding.UTF8.GetBytes(value));

    /// <summary>A secret with a copy of these bytes.</summary>
    public static Secret FromBytes(ReadOnlySpan<byte> value) => new(value.ToArray());

    /// <summary>A fresh random secret, as base64url text. 32 bytes (256 bits) unless told; fewer than 16 are refused.</summary>
    public static Secret Generate(int bytes = 32)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 16);
        var random = new byte[bytes];
        RandomNumberGenerator.Fill(random);
        return FromText(System.Buffers.Text.Base64Url.EncodeToString(random));
    }

    /// <summary>True for a secret of no bytes, which no credential may be.</summary>
    public bool IsEmpty => value.Length == 0;

    /// <summary>The value as text. Call it at the last moment, for the one use that needs it, and keep the result nowhere.</summary>
    public string Reveal() => Encoding.UTF8.GetString(value);

    /// <summary>The value as bytes, without a copy. See <see cref="Reveal"/>.</summary>
    public ReadOnlySpan<byte> RevealBytes() => value;

    /// <summary>True when <paramref name="candidate"/> is this secret, compared in fixed time.</summary>
    public bool Matches(ReadOnlySpan<byte> candidate)
    {
        // Digests of equal length are compared, so not even the length of the secret shows in the time.
        Span<byte> left = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> right = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(value, left);
        SHA256.HashData(candidate, right);
        return CryptographicOperations.FixedTimeEquals(left, right);
    }

    /// <summary>True when the UTF-8 form of <paramref name="candidate"/> is this secret, compared in fixed time.</summary>
    public bool Matches(string candidate) => Matches(Encoding.UTF8.GetBytes(candidate));

    /// <inheritdoc/>
    public bool Equals(Secret? other) => other is not null && Matches(other.value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Secret other && Equals(other);

    /// <summary>Always the same number: a hash of the value would tell something about it.</summary>
    public override int GetHashCode() => 0;

    /// <inheritdoc/>
    public override string ToString() => Redacted;
}
