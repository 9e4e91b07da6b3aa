namespace Portcullis.Gateway.Policies.Waf;

/// <summary>Why no more of a body is read for inspection.</summary>
internal enum IntakeEnd
{
    /// <summary>The client was silent for too long. The zero value.</summary>
    Late,

    /// <summary>All has been read.</summary>
    Whole,

    /// <summary>It is longer than is inspected.</summary>
    BeyondLimit,

    /// <summary>There is no memory for it.</summary>
    NoMemory,
}
