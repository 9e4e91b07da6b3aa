namespace Portcullis.Trust.Keys;

/// <summary>Where a key stands in its life (NIST SP 800-57 part 1, section 7). The zero value can do nothing.</summary>
public enum KeyState
{
    /// <summary>Gone: no material is kept, only the entry that says so.</summary>
    Destroyed = 0,

    /// <summary>Published, not yet used: verifiers and other nodes learn of it before it signs or seals.</summary>
    Pending = 1,

    /// <summary>The one key of its purpose that signs or seals.</summary>
    Active = 2,

    /// <summary>Still verifies or opens what it made, makes nothing new. A retired signing key has lost its private half already.</summary>
    Retired = 3,
}
