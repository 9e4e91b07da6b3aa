using Portcullis.Trust.Keys;
using Portcullis.Trust.Tokens;

namespace Portcullis.Gateway.Identity.Grants;

/// <summary>What goes into a token response (RFC 6749 §5.1).</summary>
/// <param name="Access">The access token.</param>
/// <param name="Scope">What it gives.</param>
internal sealed record TokenSet(IssuedToken Access, IReadOnlyList<string> Scope)
{
    /// <summary>Seconds until the access token expires.</summary>
    public required long ExpiresIn { get; init; }

    /// <summary>The refresh token, if any.</summary>
    public Secret? Refresh { get; init; }

    /// <summary>The ID token, if any.</summary>
    public string? Id { get; init; }

    /// <summary>What kind of token it is, told by token exchange alone (RFC 8693 §2.2.1).</summary>
    public string? IssuedTokenType { get; init; }
}
