namespace Portcullis.Gateway.Identity.People;

/// <summary>What the sign-in page is to ask of somebody, beyond signing in.</summary>
public enum SignInWish
{
    /// <summary>Nothing more: whoever is signed in already may go back at once.</summary>
    None = 0,

    /// <summary>Credentials again, although they are signed in (OpenID Connect Core §3.1.2.1: <c>prompt=login</c>, <c>max_age</c>; RFC 9470 <c>max_age</c>).</summary>
    Fresh = 1,

    /// <summary>A second factor, enrolled first where there is none (RFC 9470 <c>acr_values</c>). A fresh sign-in where the last one had none.</summary>
    SecondFactor = 2,
}
