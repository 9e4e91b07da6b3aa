namespace Portcullis.Gateway.Identity.Revocations;

/// <summary>The end of access tokens before their time.</summary>
/// <param name="Kind">What <paramref name="Id"/> names.</param>
/// <param name="Id">The token, grant, session, subject or client.</param>
/// <param name="At">When it was revoked. Of subjects and clients, tokens issued up to this second end; later ones count.</param>
public sealed record Revocation(RevocationKind Kind, string Id, DateTimeOffset At)
{
    /// <summary>How long a revocation is kept: no token of before lives longer, differing clocks allowed for.</summary>
    public static TimeSpan Longest { get; } = AccessTokenIssuer.LongestLifetime + TimeSpan.FromMinutes(5);

    /// <summary>The client that a single token was issued to; empty where that is not known. Bounds what one client can make the list hold.</summary>
    public string ClientId { get; init; } = string.Empty;

    /// <summary>The outside issuer whose id it is; empty for the gateway's own.</summary>
    public string Issuer { get; init; } = string.Empty;

    /// <summary>From when on it may be forgotten.</summary>
    public DateTimeOffset Until { get; init; } = At + Longest;
}
