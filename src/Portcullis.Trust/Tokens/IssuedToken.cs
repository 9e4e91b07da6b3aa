using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tokens;

/// <summary>A token just made. Printing it shows its id, not the token.</summary>
/// <param name="Token">The token: whoever has it is its bearer.</param>
/// <param name="TokenId">Its <c>jti</c>.</param>
/// <param name="KeyId">The key that signed it.</param>
/// <param name="ExpiresAt">Its <c>exp</c>.</param>
public sealed record IssuedToken(string Token, string TokenId, string KeyId, DateTimeOffset ExpiresAt)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Secret.Redacted} (jti {TokenId})";
}
