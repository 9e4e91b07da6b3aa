using System.Security.Cryptography;
using Portcullis.Trust.Sealing;

namespace Portcullis.Trust.Keys;

/// <summary>Makes new keys, their secret half sealed before it leaves this class, and opens sealed ones.</summary>
/// <param name="wrapping">The wrapping key as it is now: it may be replaced while the ring is open.</param>
internal sealed class KeyFactory(Func<WrappingKey> wrapping)
{
    public KeyFactory(WrappingKey wrapping)
        : this(() => wrapping)
    {
    }

    public KeyEntry Create(KeyPolicy policy, KeyState state, DateTimeOffset now, DateTimeOffset activates)
    {
        var entry = new KeyEntry
        {
            Id = "",
            Purpose = policy.Purpose,
            Algorithm = policy.Algorithm,
            Bits = policy.Algorithm == KeyAlgorithm.RS256 ? policy.RsaBits : 256,
            State = state,
            Created = now,
            Activates = activates,
        };
        return policy.Algorithm switch
        {
            KeyAlgorithm.RS256 => CreateSigning(entry, RSA.Create(policy.RsaBits)),
            KeyAlgorithm.ES256 => CreateSigning(entry, ECDsa.Create(ECCurve.NamedCurves.nistP256)),
            _ => CreateSealing(entry),
        };
    }

    /// <summary>Null when the material is not what was sealed for this very entry.</summary>
    public KeyMaterial? Unwrap(KeyEntry entry) => wrapping().Unwrap(entry.Sealed.Span, Context(entry));

    /// <summary>The same key under another wrapping key. Null when the material is not what was sealed for this very entry.</summary>
    public static KeyEntry? Rewrap(KeyEntry entry, WrappingKey from, WrappingKey to)
    {
        if (entry.Sealed.IsEmpty)
            return entry;
        using var material = from.Unwrap(entry.Sealed.Span, Context(entry));
        return material is null ? null : entry with { Sealed = to.Wrap(material.Bytes, Context(entry)) };
    }

    /// <summary>Id, purpose and algorithm are bound to the material: none of them can be exchanged in the file.</summary>
    private static SealingContext Context(KeyEntry entry) => SealingContext.Of("key-ring", entry.Id, entry.Purpose.Name, entry.Algorithm.Name());

    private KeyEntry CreateSigning(KeyEntry entry, AsymmetricAlgorithm made)
    {
        using (made)
        {
            var publicKey = made.ExportSubjectPublicKeyInfo();
            if (!VerificationKey.TryCreate(entry.Algorithm, publicKey, out var verification))
                throw new CryptographicException("The system made a key that fails our own checks.");
            var pkcs8 = made.ExportPkcs8PrivateKey();
            entry = entry with { Id = verification.Thumbprint, PublicKey = publicKey };
            entry = entry with { Sealed = wrapping().Wrap(pkcs8, Context(entry)) };
            CryptographicOperations.ZeroMemory(pkcs8);
            return entry;
        }
    }

    private KeyEntry CreateSealing(KeyEntry entry)
    {
        using var material = KeyMaterial.Random(Envelope.KeySize);
        entry = entry with { Id = SealingKey.NewId() };
        return entry with { Sealed = wrapping().Wrap(material.Bytes, Context(entry)) };
    }
}
