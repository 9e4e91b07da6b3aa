namespace Portcullis.Gateway.Identity.Revocations;

/// <summary>What a revocation ends. Values are persisted.</summary>
public enum RevocationKind
{
    /// <summary>Nothing; never valid.</summary>
    None = 0,

    /// <summary>The access token with that <c>jti</c>.</summary>
    Token = 1,

    /// <summary>All access tokens of a grant (<c>grant_id</c>).</summary>
    Grant = 2,

    /// <summary>All access tokens of a session (<c>sid</c>).</summary>
    Session = 3,

    /// <summary>All access tokens of a subject that were issued up to a time.</summary>
    Subject = 4,

    /// <summary>All access tokens of a client, for itself or for people, that were issued up to a time.</summary>
    Client = 5,
}
