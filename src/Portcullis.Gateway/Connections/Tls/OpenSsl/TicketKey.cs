using System.Security.Cryptography;

namespace Portcullis.Gateway.Connections.Tls.OpenSsl;

/// <summary>
/// The key of session tickets (RFC 5077 §4): AES-256-CBC and HMAC-SHA-256. Random, in memory alone, where nothing moves it and so leaves a
/// copy behind; overwritten with zeros at the end. Not thread safe.
/// </summary>
internal sealed unsafe class TicketKey : IDisposable
{
    public const int NameLength = 16;
    public const int VectorLength = 16; // of AES; OpenSSL has room for EVP_MAX_IV_LENGTH, which is the same

    private const int KeyLength = 32;
    private static readonly nint Cipher = LibCrypto.EVP_CIPHER_fetch(0, "AES-256-CBC", 0);

    private readonly byte[] octets = GC.AllocateUninitializedArray<byte>(NameLength + KeyLength + KeyLength, pinned: true);
    private bool isErased;

    public TicketKey() => RandomNumberGenerator.Fill(octets);

    public ReadOnlySpan<byte> Name => octets.AsSpan(0, NameLength);

    /// <summary>Gives the key to OpenSSL's contexts of a ticket's cipher and authenticator.</summary>
    public bool TryApply(byte* initialVector, nint cipher, nint mac, bool isSealing)
    {
        if (isErased) return false;
        fixed (byte* key = octets, digestName = "digest\0"u8, digest = "SHA256\0"u8, keyName = "key\0"u8)
        {
            var parameters = stackalloc OpenSslParameter[3];
            parameters[0] = new OpenSslParameter(keyName, OpenSslParameter.Octets, key + NameLength + KeyLength, KeyLength);
            parameters[1] = new OpenSslParameter(digestName, OpenSslParameter.Text, digest, 6);
            parameters[2] = default;
            return LibCrypto.EVP_CipherInit_ex2(cipher, Cipher, key + NameLength, initialVector, isSealing ? 1 : 0, 0) == 1
                && LibCrypto.EVP_MAC_CTX_set_params(mac, parameters) == 1;
        }
    }

    public void Dispose()
    {
        isErased = true;
        CryptographicOperations.ZeroMemory(octets);
    }
}
