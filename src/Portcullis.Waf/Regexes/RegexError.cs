namespace Portcullis.Waf.Regexes;

/// <summary>Why a pattern was refused.</summary>
/// <param name="Offset">The byte of the pattern where the refused construct begins.</param>
/// <param name="Message">What is wrong, for people.</param>
/// <param name="NeedsBacktracking">
/// Whether the pattern is correct but uses what no automaton can run in linear time: look-around, back-references, atomic groups, recursion.
/// A backtracking matcher with a time limit may be able to run it.
/// </param>
internal sealed record RegexError(int Offset, string Message, bool NeedsBacktracking)
{
    public override string ToString() => $"{Message} (at byte {Offset})";
}
