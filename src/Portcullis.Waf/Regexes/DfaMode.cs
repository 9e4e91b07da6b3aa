namespace Portcullis.Waf.Regexes;

/// <summary>What a <see cref="LazyDfa"/> looks for.</summary>
internal enum DfaMode
{
    /// <summary>Whether there is a match anywhere. Sets of positions without an order; the first match ends it.</summary>
    Verdict,

    /// <summary>The end of the leftmost match, of those the one that backtracking would find first. Positions in order of preference.</summary>
    First,

    /// <summary>Backwards from the end of a match: its leftmost start. The program is that of the reversed pattern.</summary>
    Reverse,
}
