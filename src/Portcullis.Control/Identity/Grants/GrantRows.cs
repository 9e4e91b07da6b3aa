using Portcullis.Gateway.Identity.Grants;
using Portcullis.Gateway.Identity.Revocations;
using Portcullis.Trust.Tokens;
using CodeRow = Portcullis.Control.Storage.Entities.AuthorizationCode;
using GrantRow = Portcullis.Control.Storage.Entities.Grant;
using RevocationRow = Portcullis.Control.Storage.Entities.Revocation;

namespace Portcullis.Control.Identity.Grants;

/// <summary>Grants, codes and revocations as rows, and back.</summary>
internal static class GrantRows
{
    /// <summary>The form of a person's subject: their id, 32 lower-case hexadecimal digits.</summary>
    private const string SubjectFormat = "N";

    /// <summary>The person whose subject it is; null for what can't be one.</summary>
    public static Guid? PersonOf(string subject) => Guid.TryParseExact(subject, SubjectFormat, out var person) ? person : null;

    /// <exception cref="ArgumentException">The subject is no person's.</exception>
    public static (GrantRow Grant, CodeRow Code) ToRows(AuthorizationCode code, DateTimeOffset created)
    {
        var grant = code.Grant;
        return (
            new GrantRow
            {
                Id = grant.Id,
                ClientId = grant.ClientId,
                PersonId = PersonOf(grant.Subject) ?? throw new ArgumentException("The subject is no person's.", nameof(code)),
                SessionId = grant.SessionId,
                Scope = string.Join(' ', grant.Scope),
                Authenticated = grant.Authentication.At,
                Methods = string.Join(' ', grant.Authentication.Methods),
                Created = created,
                Expires = grant.ExpiresAt,
            },
            new CodeRow
            {
                Hash = code.Hash.ToArray(),
                GrantId = grant.Id,
                RedirectUri = code.RedirectUri,
                CodeChallenge = code.Challenge,
                Nonce = code.Nonce,
                Expires = code.ExpiresAt,
            });
    }

    public static AuthorizationCode ToCode(CodeRow code, GrantRow grant) => new()
    {
        Hash = code.Hash,
        Grant = ToGrant(grant),
        RedirectUri = code.RedirectUri,
        Challenge = code.CodeChallenge,
        Nonce = code.Nonce,
        ExpiresAt = code.Expires,
    };

    public static Grant ToGrant(GrantRow row) => new()
    {
        Id = row.Id,
        ClientId = row.ClientId,
        Subject = row.PersonId.ToString(SubjectFormat),
        Scope = Words(row.Scope),
        Authentication = new AuthenticationEvent(row.Authenticated, Words(row.Methods)),
        SessionId = row.SessionId,
        ExpiresAt = row.Expires,
    };

    public static RevocationRow ToRow(Revocation revocation) => new()
    {
        Kind = (int)revocation.Kind,
        Value = revocation.Id,
        Issuer = revocation.Issuer,
        ClientId = revocation.ClientId,
        Created = revocation.At,
        Until = revocation.Until,
    };

    public static Revocation ToRevocation(RevocationRow row) => new((RevocationKind)row.Kind, row.Value, row.Created) { Issuer = row.Issuer, ClientId = row.ClientId, Until = row.Until };

    public static bool HasEnded(this GrantRow grant, DateTimeOffset now) => grant.Ended is not null || now >= grant.Expires;

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
