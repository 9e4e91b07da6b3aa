namespace Portcullis.Waf.Variables;

/// <summary>How a variable is held.</summary>
internal enum VariableKind : byte
{
    /// <summary>Named values that come from the request or response and do not change while a phase runs.</summary>
    Message,

    /// <summary>Named values that rules change: TX, IP, MATCHED_VARS …</summary>
    Changing,

    /// <summary>One text.</summary>
    Text,

    /// <summary>One whole number.</summary>
    Number,
}
