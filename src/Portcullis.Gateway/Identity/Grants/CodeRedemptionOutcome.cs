namespace Portcullis.Gateway.Identity.Grants;

/// <summary>What became of a code that was presented. Only <see cref="Redeemed"/> may give tokens.</summary>
public enum CodeRedemptionOutcome
{
    /// <summary>There is no such code, or not any more.</summary>
    Unknown = 0,

    /// <summary>Nobody presented it in time, or its grant has ended.</summary>
    Expired = 1,

    /// <summary>It had been presented before. Its grant has been ended within the same decision.</summary>
    Replayed = 2,

    /// <summary>This is the one time it counts. It is spent now, whatever else turns out to be wrong.</summary>
    Redeemed = 3,
}
