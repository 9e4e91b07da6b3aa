namespace Portcullis.Waf.Regexes;

/// <summary>What parsing a pattern gives.</summary>
/// <param name="Root">The pattern.</param>
/// <param name="GroupCount">How many capturing groups it has.</param>
/// <param name="Backtracking">The first construct that needs a backtracking matcher; null if an automaton can run the pattern.</param>
internal sealed record RegexSyntax(RegexNode Root, int GroupCount, RegexError? Backtracking);
