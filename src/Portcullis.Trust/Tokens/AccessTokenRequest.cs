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
}
