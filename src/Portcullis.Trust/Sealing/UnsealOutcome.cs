namespace Portcullis.Trust.Sealing;

/// <summary>What opening a sealed value led to. Only <see cref="Opened"/> gives a value.</summary>
public enum UnsealOutcome
{
    /// <summary>Too short, or of a version this program does not know.</summary>
    Malformed = 0,

    /// <summary>Sealed under a key that this ring does not hold, or holds no longer.</summary>
    UnknownKey = 1,

    /// <summary>The value, its key id or its context is not what was sealed.</summary>
    Tampered = 2,

    /// <summary>Opened.</summary>
    Opened = 3,
}
