namespace Portcullis.Waf.Engine;

/// <summary>How a transaction ends that a rule interrupts.</summary>
public enum InterruptionKind
{
    /// <summary>An answer with the status. The zero value.</summary>
    Deny,

    /// <summary>The connection closes without an answer.</summary>
    Drop,

    /// <summary>A redirect.</summary>
    Redirect,
}
