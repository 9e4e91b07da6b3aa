using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tokens;

/// <summary>
/// A set of public keys (RFC 7517). Keys that can't serve here (other types, uses or curves, weak or invalid ones) are skipped with a reason, as
/// RFC 7517, section 5 asks; what makes the set ambiguous (a key id twice for one algorithm, a member name twice) refuses all of it. Immutable.
/// </summary>
public sealed class JsonWebKeySet
{
    /// <summary>Largest document in bytes; larger ones are refused.</summary>
    public const int MaximumSize = 256 * 1024;

    /// <summary>Most keys in a document; more are refused, for a look-up walks through them.</summary>
    public const int MaximumKeys = 64;

    private const int MaximumDepth = 8;

    private readonly ImmutableArray<VerificationKey> keys;
    private readonly Secret? shared;
    private byte[]? document;

    internal JsonWebKeySet(ImmutableArray<VerificationKey> keys, ImmutableArray<SkippedKey> skipped)
    {
        this.keys = keys;
        Skipped = skipped;
    }

    private JsonWebKeySet(Secret shared)
        : this([], []) => this.shared = shared;

    /// <summary>No keys: every token is signed by an unknown one.</summary>
    public static JsonWebKeySet Empty { get; } = new([], []);

    /// <summary>The keys that can verify, in the order of the document.</summary>
    public IReadOnlyList<VerificationKey> Keys => keys;

    /// <summary>The keys that can't, with reasons.</summary>
    public IReadOnlyList<SkippedKey> Skipped { get; }

    /// <summary>The set as a JWKS document in UTF-8, public members only. Made once.</summary>
    public ReadOnlyMemory<byte> Document => document ??= JsonWebKeyWriter.WriteSet(keys);

    /// <summary>Octets that a shared secret has at least (RFC 7518, section 3.2).</summary>
    public const int SmallestSharedSecret = 32;

    /// <summary>
    /// A set that is nothing but a secret shared with one issuer: it verifies HS256 and nothing else, and no other set ever does (RFC 8725, section
    /// 3.1), so no public key can be taken for a secret. It publishes nothing.
    /// </summary>
    /// <exception cref="ArgumentException">The secret has fewer than <see cref="SmallestSharedSecret"/> octets.</exception>
    public static JsonWebKeySet OfSharedSecret(Secret secret) => secret.RevealBytes().Length >= SmallestSharedSecret
        ? new JsonWebKeySet(secret)
        : throw new ArgumentException("A shared secret has 32 octets or more.", nameof(secret));

    /// <summary>Whether this is the set of a shared secret.</summary>
    internal bool IsShared => shared is not null;

    /// <summary>Whether the signature is the shared secret's, compared in fixed time.</summary>
    internal bool VerifyShared(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (shared is null)
            return false;
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(shared.RevealBytes(), data, expected);
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }

    /// <summary>Reads a document from outside. False when it is refused as a whole; <paramref name="fault"/> then says why.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out JsonWebKeySet? set, out string? fault)
    {
        set = null;
        if (utf8.Length > MaximumSize)
        {
            fault = "larger than 256 KiB";
            return false;
        }

        if (!StrictJson.IsObject(utf8, MaximumDepth, out fault))
            return false;
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaximumDepth });
        using var document = JsonDocument.ParseValue(ref reader);
        if (!document.RootElement.TryGetProperty("keys"u8, out var keys) || keys.ValueKind != JsonValueKind.Array)
            fault = "no array named keys";
        else if (keys.GetArrayLength() > MaximumKeys)
            fault = "more than 64 keys";
        else
            set = Collect(keys, out fault);
        return set is not null;
    }

    /// <summary>
    /// The key for a token. Without a <c>kid</c> in the header there is an answer only when the set has one key: keys are not tried in turn.
    /// </summary>
    internal VerificationKey? Find(ReadOnlySpan<byte> keyId, KeyAlgorithm algorithm)
    {
        if (keyId.IsEmpty)
            return keys.Length == 1 ? keys[0] : null;
        VerificationKey? sameId = null;
        foreach (var key in keys)
        {
            if (!keyId.SequenceEqual(key.IdUtf8))
                continue;
            if (key.Algorithm == algorithm)
                return key;
            sameId = key;
        }

        return sameId;
    }

    private static JsonWebKeySet? Collect(JsonElement array, out string? fault)
    {
        var keys = ImmutableArray.CreateBuilder<VerificationKey>();
        var skipped = ImmutableArray.CreateBuilder<SkippedKey>();
        foreach (var element in array.EnumerateArray())
        {
            if (!JsonWebKeyReader.TryRead(element, out var key, out var skip))
            {
                skipped.Add(skip);
                continue;
            }

            foreach (var other in keys)
            {
                if (other.Id == key.Id && other.Algorithm == key.Algorithm)
                {
                    fault = "one kid for two keys";
                    return null;
                }
            }

            keys.Add(key);
        }

        fault = null;
        return new JsonWebKeySet(keys.ToImmutable(), skipped.ToImmutable());
    }
}
