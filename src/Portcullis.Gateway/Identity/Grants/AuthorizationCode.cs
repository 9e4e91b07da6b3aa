namespace Portcullis.Gateway.Identity.Grants;

/// <summary>An authorization code as it is stored (RFC 6749 §4.1.2), with all that it is bound to.</summary>
public sealed record AuthorizationCode
{
    /// <summary>SHA-256 of the code; 32 octets.</summary>
    public required ReadOnlyMemory<byte> Hash { get; init; }

    /// <summary>The grant it begins. The store makes it when it takes the code.</summary>
    public required Grant Grant { get; init; }

    /// <summary>The session it was asked for in, which must be there when the store takes the code; not kept. Null where that need not be.</summary>
    public string? BegunIn { get; init; }

    /// <summary>Where it was sent, octet by octet (RFC 6749 §4.1.3).</summary>
    public required string RedirectUri { get; init; }

    /// <summary>The S256 challenge (RFC 7636 §4.3).</summary>
    public required string Challenge { get; init; }

    /// <summary>The <c>nonce</c> for the ID token; null where none was sent.</summary>
    public string? Nonce { get; init; }

    /// <summary>From when on it is worth nothing.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
