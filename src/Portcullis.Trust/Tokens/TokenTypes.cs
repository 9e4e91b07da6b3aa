namespace Portcullis.Trust.Tokens;

/// <summary>
/// Explicit types (<c>typ</c>) a verifier accepts (RFC 8725, section 3.11). Accepting <see cref="Jwt"/> or <see cref="Untyped"/> means that an ID
/// token of the same issuer and audience passes as an access token: only for issuers that do not type their access tokens.
/// </summary>
[Flags]
public enum TokenTypes
{
    /// <summary>Nothing is accepted.</summary>
    None = 0,

    /// <summary><c>at+jwt</c>: access tokens with all claims that RFC 9068, section 2.2 requires.</summary>
    AccessToken = 1,

    /// <summary><c>JWT</c>: any JWT.</summary>
    Jwt = 2,

    /// <summary>No <c>typ</c> at all.</summary>
    Untyped = 4,

    /// <summary><c>client-authentication+jwt</c>: what a client proves itself with (RFC 7523, section 3, as revised for explicit typing).</summary>
    ClientAssertion = 8,
}
