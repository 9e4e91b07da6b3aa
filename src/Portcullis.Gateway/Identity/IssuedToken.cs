namespace Portcullis.Gateway.Identity;

/// <summary>A fresh access token.</summary>
/// <param name="Token">The compact JWS. Bearer: never logged.</param>
/// <param name="Lifetime">How long it is valid from now.</param>
internal readonly record struct IssuedToken(string Token, TimeSpan Lifetime);
