using Portcullis.Gateway.Pipeline;

namespace Portcullis.Gateway.Policies.Authenticate;

/// <summary>Who presents a token, or why it is not accepted. <c>default</c> accepts nothing.</summary>
public readonly struct TokenOutcome
{
    private TokenOutcome(Caller? caller, bool isExpired, string? cause)
    {
        Caller = caller;
        IsExpired = isExpired;
        Cause = cause;
    }

    /// <summary>The caller; null where the token is not accepted.</summary>
    public Caller? Caller { get; }

    /// <summary>Whether all that is wrong is the token's age.</summary>
    public bool IsExpired { get; }

    /// <summary>For logs only.</summary>
    public string? Cause { get; }

    public static TokenOutcome Accept(Caller caller) => new(caller, false, null);

    public static TokenOutcome Refuse(string? cause, bool isExpired = false) => new(null, isExpired, cause);
}
