namespace Portcullis.Control.Identity.Account;

/// <summary>What a page asks an authenticator.</summary>
/// <param name="Sealed">The challenge, sealed, for the form to bring back.</param>
/// <param name="Options">The options in JSON as WebAuthn level 3 writes them: octets in base64url.</param>
internal sealed record PasskeyRequest(string Sealed, string Options);
