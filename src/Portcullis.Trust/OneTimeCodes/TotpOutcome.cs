namespace Portcullis.Trust.OneTimeCodes;

/// <summary>What a time-based code turned out to be. The zero value refuses.</summary>
public enum TotpOutcome
{
    /// <summary>Not a code of this moment.</summary>
    Wrong = 0,

    /// <summary>A code of this moment that was used before, or is older than the last one used: refused, and worth a security event.</summary>
    Replayed = 1,

    /// <summary>The code. It counts only once its step is stored.</summary>
    Accepted = 2,
}
