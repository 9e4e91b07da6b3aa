namespace Portcullis.Trust.Keys;

/// <summary>The algorithm a key is made for. It belongs to the key and is never taken from a message (RFC 8725, section 3.1).</summary>
public enum KeyAlgorithm
{
    /// <summary>No algorithm: never usable.</summary>
    None = 0,

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256, modulus of 2048 bits or more (RFC 7518, section 3.3).</summary>
    RS256 = 1,

    /// <summary>ECDSA on P-256 with SHA-256 (RFC 7518, section 3.4).</summary>
    ES256 = 2,

    /// <summary>AES-256 in Galois/Counter Mode (NIST SP 800-38D).</summary>
    A256Gcm = 3,

    /// <summary>HMAC with SHA-256 under a secret of 256 bits or more (RFC 7518, section 3.2). For tokens of a partner that shares one; no key of the ring has it.</summary>
    HS256 = 4,
}
