using System.Security.Cryptography;

namespace Portcullis.Trust.Keys;

/// <summary>A private signing key of the ring. Safe from any thread. The ring owns it and disposes it.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly KeyMaterial pkcs8;
    private readonly HandlePool<RSA>? rsa;
    private readonly HandlePool<ECDsa>? ecdsa;

    /// <param name="publicKey">The public half.</param>
    /// <param name="pkcs8">The private half; the key takes it over.</param>
    internal SigningKey(VerificationKey publicKey, KeyMaterial pkcs8)
    {
        PublicKey = publicKey;
        this.pkcs8 = pkcs8;
        if (publicKey.Algorithm == KeyAlgorithm.RS256)
            rsa = new HandlePool<RSA>(() => Import(RSA.Create()));
        else
            ecdsa = new HandlePool<ECDsa>(() => Import(ECDsa.Create()));
    }

    /// <summary>The <c>kid</c> of what this key signs: its RFC 7638 thumbprint.</summary>
    public string Id => PublicKey.Id;

    /// <summary>The only algorithm this key signs with.</summary>
    public KeyAlgorithm Algorithm => PublicKey.Algorithm;

    /// <summary>The public half.</summary>
    public VerificationKey PublicKey { get; }

    /// <summary>Bytes of every signature of this key.</summary>
    public int SignatureSize => rsa is null ? VerificationKey.Es256SignatureSize : PublicKey.First.Length;

    /// <summary>
    /// Signs into <paramref name="signature"/>, which needs <see cref="SignatureSize"/> bytes. False when the ring has given up the key since
    /// the caller took it: take the active one again.
    /// </summary>
    public bool TrySign(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        signature = signature[..SignatureSize];
        if (rsa is not null)
        {
            if (!this.rsa.TryRent(out var rsa))
                return false;
            try
            {
                return rsa.TrySignData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1, out _);
            }
            finally
            {
                this.rsa.Return(rsa);
            }
        }

        if (!this.ecdsa!.TryRent(out var ecdsa))
            return false;
        try
        {
            return ecdsa.TrySignData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, out _);
        }
        finally
        {
            this.ecdsa.Return(ecdsa);
        }
    }

    /// <summary>Gives up the private half: nothing can be signed any more.</summary>
    public void Dispose()
    {
        rsa?.Close();
        ecdsa?.Close();
        pkcs8.Dispose();
    }

    private T Import<T>(T handle)
        where T : AsymmetricAlgorithm
    {
        handle.ImportPkcs8PrivateKey(pkcs8.Bytes, out _);
        return handle;
    }
}
