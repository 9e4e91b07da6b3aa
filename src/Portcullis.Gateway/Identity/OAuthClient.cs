using System.Security.Cryptography;
using System.Text;

namespace Portcullis.Gateway.Identity;

/// <summary>A program that gets tokens for itself by the client-credentials grant (RFC 6749 §4.4).</summary>
/// <param name="Id">Its <c>client_id</c>.</param>
/// <param name="SecretHash">
/// SHA-256 of its secret. A plain hash is enough because secrets are 256 random bits made here, never chosen by people.
/// </param>
/// <param name="Permissions">What its tokens may carry, each <c>resource:action</c>.</param>
/// <param name="IsDisabled">Whether it gets no tokens for now.</param>
public sealed record OAuthClient(string Id, ReadOnlyMemory<byte> SecretHash, IReadOnlyList<string> Permissions, bool IsDisabled)
{
    /// <summary>The hash that is stored for a secret.</summary>
    public static byte[] HashSecret(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>Compares in fixed time.</summary>
    public bool SecretMatches(string secret) => CryptographicOperations.FixedTimeEquals(SecretHash.Span, HashSecret(secret));
}
