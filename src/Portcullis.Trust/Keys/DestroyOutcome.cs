namespace Portcullis.Trust.Keys;

/// <summary>What became of the wish to destroy a key.</summary>
public enum DestroyOutcome
{
    /// <summary>No key has that id.</summary>
    NotFound = 0,

    /// <summary>The key is active: rotate first, then destroy the retired one.</summary>
    StillActive = 1,

    /// <summary>It was destroyed before.</summary>
    AlreadyDestroyed = 2,

    /// <summary>The material is gone from the ring file and from the memory of this process.</summary>
    Destroyed = 3,
}
