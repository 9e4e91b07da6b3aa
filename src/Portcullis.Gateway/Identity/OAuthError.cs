namespace Portcullis.Gateway.Identity;

/// <summary>An error as OAuth names it (RFC 6749 §5.2 and §4.1.2.1).</summary>
/// <param name="Error">The registered name.</param>
/// <param name="Description">For the client's developer: constant text, nothing of the request.</param>
/// <param name="Cause">For the decision log alone; null where the description says it all.</param>
/// <param name="Status">400, or 401 where the client could not be told.</param>
internal sealed record OAuthError(string Error, string Description, string? Cause = null, int Status = 400)
{
    public static OAuthError InvalidRequest(string description, string? cause = null) => new("invalid_request", description, cause);

    /// <summary>One text for whatever is wrong with a code or refresh token: an attacker learns nothing of which it was.</summary>
    public static OAuthError InvalidGrant(string cause) => new("invalid_grant", "the grant is not valid", cause);

    /// <summary>One text for unknown clients and wrong credentials.</summary>
    public static OAuthError InvalidClient(string cause) => new("invalid_client", "client authentication failed", cause, 401);
}
