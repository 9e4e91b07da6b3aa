namespace Portcullis.Waf.Regexes;

/// <summary>What a matcher with a time limit found. The zero value is not "no match": who forgets to look must not take a value for harmless.</summary>
internal enum MatchOutcome
{
    /// <summary>The time limit passed before the matcher knew.</summary>
    TimedOut,

    NoMatch,

    Match,
}
