namespace Portcullis.Trust.Tokens;

/// <summary>What a token must say to be accepted.</summary>
public sealed record TokenRules
{
    /// <summary>The one issuer, compared octet by octet (RFC 9068, section 4).</summary>
    public required string Issuer { get; init; }

    /// <summary>Names we answer to: one of them must be in <c>aud</c>. At least one.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>Accepted values of <c>typ</c>. Default: <c>at+jwt</c> alone.</summary>
    public TokenTypes Types { get; init; } = TokenTypes.AccessToken;

    /// <summary>What clocks may differ, for <c>exp</c>, <c>nbf</c> and <c>iat</c>. Default 30 seconds, at most 5 minutes.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest accepted time from <c>iat</c> to <c>exp</c>; tokens without <c>iat</c> are then refused. Null: any.</summary>
    public TimeSpan? LongestLifetime { get; init; }
}
