namespace Portcullis.Waf.Engine;

/// <summary>Why a transaction was not inspected as its rules ask. What follows from it is the policy's choice; the default refuses.</summary>
public enum EngineFault
{
    /// <summary>None.</summary>
    None,

    /// <summary>A pattern that needs backtracking did not end in its time.</summary>
    RegexTimedOut,

    /// <summary>A pattern with macros came to something that is no pattern.</summary>
    NoPattern,

    /// <summary>The values of the message, or the variables that rules made of them, need more memory than one transaction may have.</summary>
    OutOfRoom,

    /// <summary>The body is not what its type says, or has too many arguments, and no rule asks for that (REQBODY_ERROR).</summary>
    UnreadableBody,
}
