namespace Portcullis.Trust.Tokens;

/// <summary>What an access token shall say. Who may have it was decided before.</summary>
public sealed record AccessTokenRequest
{
    /// <summary>Whom the token speaks for; for client credentials the client itself (RFC 9068, section 2.2).</summary>
    public required string Subject { get; init; }

    /// <summary>The client that asked.</summary>
    public required string ClientId { get; init; }

    /// <summary>Whom it is meant for. At least one.</summary>
    public required IReadOnlyList<string> Audience { get; init; }

    /// <summary>How long it is valid: whole seconds, at most what the issuer allows.</summary>
    public required TimeSpan Lifetime { get; init; }

    /// <summary>Granted scopes separated by spaces; null leaves the claim out.</summary>
    public string? Scope { get; init; }

    /// <summary>What the bearer may do.</summary>
    public IReadOnlyList<string> Permissions { get; init; } = [];

    /// <summary>Roles of the subject.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>The grant it comes from (<c>grant_id</c>): the end of the grant ends it. Null for a client that acts for itself.</summary>
    public string? GrantId { get; init; }

    /// <summary>The session it comes from (<c>sid</c>): the end of the session ends it. Null where there is none.</summary>
    public string? SessionId { get; init; }

    /// <summary>How the subject signed in; null where it is no person (RFC 9068, section 2.2.1).</summary>
    public AuthenticationEvent? Authentication { get; init; }

    /// <summary>Who acts for the subject (<c>act</c>, RFC 8693, section 4.1); null leaves it out.</summary>
    public string? Actor { get; init; }

    /// <summary>The tenant of the subject (<c>tenant</c>); null leaves it out.</summary>
    public string? Tenant { get; init; }

    /// <summary>SHA-256 of the client certificate that the token is bound to (<c>cnf</c>, RFC 8705, section 3.1), 32 bytes; empty: whoever has it may use it.</summary>
    public ReadOnlyMemory<byte> CertificateThumbprint { get; init; }
}
