namespace Portcullis.Trust.ApiKeys;

/// <summary>Whether an API key counts. The zero value refuses.</summary>
public enum ApiKeyState
{
    /// <summary>It was taken back.</summary>
    Revoked = 0,

    /// <summary>Its time has passed.</summary>
    Expired = 1,

    /// <summary>It counts.</summary>
    Active = 2,
}
