namespace Portcullis.Control.Identity.People;

/// <summary>What came of removing a second factor.</summary>
public enum FactorRemoval
{
    /// <summary>There was none of the kind; nothing changed.</summary>
    None = 0,

    /// <summary>It is gone.</summary>
    Removed = 1,

    /// <summary>It is the last one of a person who needs one, and stays.</summary>
    LastOne = 2,
}
