namespace Portcullis.Waf.Rules;

/// <summary>What a <see cref="RuleGuard"/> asks.</summary>
internal enum GuardKind : byte
{
    /// <summary>Nothing: the rule has to be looked at.</summary>
    None,

    /// <summary>Whether a value of a group of targets can match the link's pattern.</summary>
    Group,

    /// <summary>How one TX variable compares with a number.</summary>
    NumberOfTx,

    /// <summary>How the number of one TX variable, 0 or 1, does.</summary>
    CountOfTx,

    /// <summary>How a number that the message has does.</summary>
    NumberOfMessage,
}
