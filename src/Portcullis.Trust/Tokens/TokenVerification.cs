using System.Diagnostics.CodeAnalysis;

namespace Portcullis.Trust.Tokens;

/// <summary>The judgement of a token. The zero value refuses.</summary>
public readonly struct TokenVerification
{
    private readonly TokenFailure failure;
    private readonly string? cause;

    private TokenVerification(TokenClaims? claims, TokenFailure failure, string? cause)
    {
        Claims = claims;
        this.failure = failure;
        this.cause = cause;
    }

    /// <summary>True when the token is genuine, meant for us and valid now.</summary>
    [MemberNotNullWhen(true, nameof(Claims))]
    public bool IsValid => Claims is not null;

    /// <summary>The claims of a valid token; null otherwise.</summary>
    public TokenClaims? Claims { get; }

    /// <summary>Why it was refused; <see cref="TokenFailure.None"/> only for a valid one.</summary>
    public TokenFailure Failure => Claims is null && failure == TokenFailure.None ? TokenFailure.Malformed : failure;

    /// <summary>The reason in words, for the audit log and never for the client. Contains nothing of the token. Empty for a valid one.</summary>
    public string Cause => cause ?? "";

    internal static TokenVerification Valid(TokenClaims claims) => new(claims, TokenFailure.None, null);

    internal static TokenVerification Refused(TokenFailure failure, string? cause) => new(null, failure, cause);

    /// <inheritdoc/>
    public override string ToString() => IsValid ? "valid" : $"{Failure}: {Cause}";
}
