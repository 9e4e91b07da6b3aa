namespace Portcullis.Gateway.Identity.Grants;

/// <summary>What became of a refresh token that was presented. Only <see cref="Rotated"/> and <see cref="Repeated"/> may give tokens.</summary>
public enum RefreshOutcome
{
    /// <summary>There is no such token.</summary>
    Unknown = 0,

    /// <summary>Its grant has ended or is past its absolute lifetime.</summary>
    Ended = 1,

    /// <summary>It belongs to another client: it has leaked, so its grant has been ended within the same decision.</summary>
    WrongClient = 2,

    /// <summary>It was spent before and may not be given its successor again: its grant has been ended within the same decision (RFC 9700 §4.14.2).</summary>
    Replayed = 3,

    /// <summary>It was spent a moment ago by the same client from the same place: its successor once more, and never again.</summary>
    Repeated = 4,

    /// <summary>It is spent now and the successor of the attempt has taken its place.</summary>
    Rotated = 5,
}
