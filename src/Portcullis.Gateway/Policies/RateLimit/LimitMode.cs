namespace Portcullis.Gateway.Policies.RateLimit;

/// <summary>What a limit does when it is exceeded.</summary>
public enum LimitMode
{
    /// <summary>Refuses the request with 429.</summary>
    Enforce,

    /// <summary>Lets it pass and notes in the decision log that it would have been refused; clients see nothing of the limit.</summary>
    Shadow,
}
