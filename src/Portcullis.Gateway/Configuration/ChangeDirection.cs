namespace Portcullis.Gateway.Configuration;

/// <summary>What a change of the configuration does to security.</summary>
public enum ChangeDirection
{
    /// <summary>Somebody may do more, or is watched less.</summary>
    Weakens,

    /// <summary>Neither, or it depends on what the names stand for.</summary>
    Neutral,

    /// <summary>Somebody may do less.</summary>
    Strengthens,
}
