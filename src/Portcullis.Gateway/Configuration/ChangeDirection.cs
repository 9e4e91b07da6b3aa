namespace Portcullis.Gateway.Configuration;

/// <summary>What a change of the configuration does to security.</summary>
public enum ChangeDirection
{
    /// <summary>Somebody may do more, or is watched less.</summary>
    Weakens,

    /// <summary>It depends on what the names and values stand for: a person has to judge it, and a build takes it for weaker.</summary>
    Unclear,

    /// <summary>Nobody may do more.</summary>
    Neutral,

    /// <summary>Somebody may do less.</summary>
    Strengthens,
}
