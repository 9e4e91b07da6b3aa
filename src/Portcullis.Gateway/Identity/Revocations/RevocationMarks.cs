using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity.Revocations;

/// <summary>All by which an access token can be revoked, computed once when it is verified: 128 bits of a hash each, zero where it has no such thing.</summary>
internal readonly record struct RevocationMarks(UInt128 Token, UInt128 Grant, UInt128 Session, UInt128 Subject, UInt128 Client, long IssuedAt)
{
    /// <param name="claims">Claims of a verified token.</param>
    /// <param name="issuer">The outside issuer, or empty for the gateway's own: two issuers may use one id.</param>
    public static RevocationMarks Of(TokenClaims claims, string issuer) => new(
        Mark(RevocationKind.Token, issuer, claims.TokenId),
        Mark(RevocationKind.Grant, issuer, claims.FindString("grant_id"u8)),
        Mark(RevocationKind.Session, issuer, claims.FindString("sid"u8)),
        Mark(RevocationKind.Subject, issuer, claims.Subject),
        Mark(RevocationKind.Client, issuer, claims.ClientId),
        claims.IssuedAt ?? 0);

    /// <summary>The mark of one thing; zero for none.</summary>
    public static UInt128 Mark(RevocationKind kind, string issuer, string? id)
    {
        if (string.IsNullOrEmpty(id)) return UInt128.Zero;

        // An issuer is a URL and holds no line break, so nothing reads as two things.
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{(int)kind}\n{issuer}\n{id}"), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
