namespace Portcullis.Gateway.Identity.Grants;

/// <summary>What is known of a refresh token, without using it.</summary>
/// <param name="Grant">Its grant.</param>
/// <param name="IsUsable">Whether it is unspent and its grant has not ended.</param>
public sealed record RefreshTokenState(Grant Grant, bool IsUsable);
