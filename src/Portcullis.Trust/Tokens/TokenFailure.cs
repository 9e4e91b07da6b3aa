namespace Portcullis.Trust.Tokens;

/// <summary>Why a token was refused. Stable: higher layers map it to public codes.</summary>
public enum TokenFailure
{
    /// <summary>Not refused.</summary>
    None = 0,

    /// <summary>Not a signed JWT of acceptable form, size and JSON, or a claim has the wrong type or range.</summary>
    Malformed,

    /// <summary>The header names an algorithm that is never accepted (<c>none</c>, HMAC and others) or not the key's own.</summary>
    AlgorithmRefused,

    /// <summary>The header demands or carries what is not supported: <c>crit</c>, an embedded key, a nested token.</summary>
    HeaderRefused,

    /// <summary>The key set holds no key of that id. It may be worth fetching anew.</summary>
    UnknownKey,

    /// <summary>The signature is not that of the key.</summary>
    BadSignature,

    /// <summary>The <c>typ</c> is not one that is accepted here.</summary>
    WrongType,

    /// <summary>Another issuer, or none.</summary>
    WrongIssuer,

    /// <summary>Meant for another audience, or for none.</summary>
    WrongAudience,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>Its time has not come, or it says it was issued in the future.</summary>
    NotYetValid,

    /// <summary>A claim that this type of token must have is missing.</summary>
    MissingClaim,

    /// <summary>It lives longer than is accepted here.</summary>
    TooLongLived,
}
