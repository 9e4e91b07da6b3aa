namespace Portcullis.Trust.Tokens;

/// <summary>What an ID token shall say (OpenID Connect Core, section 2). It is for the client alone: its type and audience keep it from passing as an access token.</summary>
public sealed record IdTokenRequest
{
    /// <summary>The person.</summary>
    public required string Subject { get; init; }

    /// <summary>The client: the one audience.</summary>
    public required string ClientId { get; init; }

    /// <summary>How the person signed in.</summary>
    public required AuthenticationEvent Authentication { get; init; }

    /// <summary>How long it is valid.</summary>
    public required TimeSpan Lifetime { get; init; }

    /// <summary>The client's <c>nonce</c>, as it came; null leaves it out, as after a refresh (section 12.2).</summary>
    public string? Nonce { get; init; }

    /// <summary>The session at the gateway (<c>sid</c>); null leaves it out.</summary>
    public string? SessionId { get; init; }

    /// <summary>The access token that goes with it, for <c>at_hash</c> (section 3.1.3.6); null leaves it out.</summary>
    public string? AccessToken { get; init; }
}
