using System.Buffers;
using System.Text.RegularExpressions;

namespace Portcullis.Waf.Regexes;

/// <summary>
/// Runs patterns that need backtracking (look-around, back-references, atomic groups) on the platform's regular expressions, under a time limit. Only for
/// custom rules whose owner asked for it: a hostile value can use up the limit each time. Bytes are widened to characters, those from 0x80 to U+E080 on:
/// private use, so no letter, digit, space or word. Where a limit cuts it off, the outcome says so. Safe for concurrent use.
/// </summary>
internal sealed class BacktrackingRegex
{
    private readonly Regex regex;
    private readonly int groupCount;

    private BacktrackingRegex(Regex regex, int groupCount) => (this.regex, this.groupCount) = (regex, groupCount);

    /// <summary>Compiles <paramref name="pattern"/>. Exactly one of the results is null.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="timeLimit">What one match may take.</param>
    public static (BacktrackingRegex? Regex, RegexError? Error) Compile(ReadOnlySpan<byte> pattern, TimeSpan timeLimit)
    {
        var (syntax, error) = RegexParser.Parse(pattern);
        if (syntax is null) return (null, error);
        try
        {
            var text = PlatformPattern.Of(syntax.Root);
            return (new BacktrackingRegex(new Regex(text, RegexOptions.CultureInvariant | RegexOptions.Singleline, timeLimit), syntax.GroupCount), null);
        }
        catch (ArgumentException refused)
        {
            return (null, new RegexError(0, $"the platform refuses the pattern: {refused.Message}", NeedsBacktracking: true));
        }
    }

    /// <summary>Whether <paramref name="value"/> has a match. Allocates nothing that grows with the value but what the platform takes.</summary>
    public MatchOutcome IsMatch(ReadOnlySpan<byte> value)
    {
        var characters = ArrayPool<char>.Shared.Rent(value.Length);
        try
        {
            Widen(value, characters);
            return regex.IsMatch(characters.AsSpan(0, value.Length)) ? MatchOutcome.Match : MatchOutcome.NoMatch;
        }
        catch (RegexMatchTimeoutException)
        {
            return MatchOutcome.TimedOut;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters, clearArray: true);
        }
    }

    /// <summary>The match and its groups, as <see cref="ByteRegex.Match"/> tells them.</summary>
    public MatchOutcome Match(ReadOnlySpan<byte> value, Span<Capture> groups)
    {
        groups.Fill(Capture.None);
        var text = string.Create(value.Length, value, static (characters, bytes) => Widen(bytes, characters));
        try
        {
            var match = regex.Match(text);
            if (!match.Success) return MatchOutcome.NoMatch;
            for (var i = 0; i < groups.Length && i <= groupCount; i++)
            {
                var group = match.Groups[i];
                if (group.Success) groups[i] = new Capture(group.Index, group.Length);
            }

            return MatchOutcome.Match;
        }
        catch (RegexMatchTimeoutException)
        {
            return MatchOutcome.TimedOut;
        }
    }

    private static void Widen(ReadOnlySpan<byte> value, Span<char> characters)
    {
        for (var i = 0; i < value.Length; i++)
        {
            characters[i] = PlatformPattern.Widen(value[i]);
        }
    }
}
