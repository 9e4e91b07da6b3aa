namespace Portcullis.Gateway.Identity.Grants;

/// <summary>A refresh token that an authenticated client presents, and what shall follow it.</summary>
public sealed record RefreshAttempt
{
    /// <summary>SHA-256 of the token presented.</summary>
    public required ReadOnlyMemory<byte> PresentedHash { get; init; }

    /// <summary>Who presents it.</summary>
    public required string ClientId { get; init; }

    /// <summary>What tells one place from another, so that a lost reply is given again only there: at most 32 octets, compared for equality.</summary>
    public required ReadOnlyMemory<byte> Evidence { get; init; }

    /// <summary>SHA-256 of the token that follows.</summary>
    public required ReadOnlyMemory<byte> SuccessorHash { get; init; }

    /// <summary>The token that follows, sealed under the one presented: at most <see cref="Trust.Tokens.SuccessorSeal.MaximumSize"/> octets.</summary>
    public required ReadOnlyMemory<byte> SealedSuccessor { get; init; }

    /// <summary>The time of the decision.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>How long after it was spent a token gives its successor once more. The sealed successor is not kept for longer.</summary>
    public required TimeSpan Grace { get; init; }
}
