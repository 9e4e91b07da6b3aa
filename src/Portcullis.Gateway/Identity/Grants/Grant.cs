using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity.Grants;

/// <summary>What a person has given a client: the family of one code, the refresh tokens after it and the access tokens of all of them. It ends as a whole.</summary>
public sealed record Grant
{
    /// <summary>128 random bits; tokens carry it as <c>grant_id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The client it was given to, and no other.</summary>
    public required string ClientId { get; init; }

    /// <summary>The person.</summary>
    public required string Subject { get; init; }

    /// <summary>What was granted: scopes of OpenID Connect and permissions. What a token gets is at most this, and at most what client and person may at that time.</summary>
    public required IReadOnlyList<string> Scope { get; init; }

    /// <summary>How the person had signed in.</summary>
    public required AuthenticationEvent Authentication { get; init; }

    /// <summary>The session it was given in, whose end it is; null where it was asked to last longer (<c>offline_access</c>, OpenID Connect Core §11).</summary>
    public string? SessionId { get; init; }

    /// <summary>When it ends, however often it is refreshed.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
