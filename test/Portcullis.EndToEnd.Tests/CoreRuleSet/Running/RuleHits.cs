using System.Globalization;
using System.Text.RegularExpressions;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Running;

/// <summary>What one request left in the log.</summary>
/// <param name="Lines">The text that patterns of a test are matched against.</param>
/// <param name="Ids">The rules in the order in which they were logged; one that is logged twice is here twice.</param>
internal sealed partial record RuleHits(IReadOnlyList<string> Lines, IReadOnlyList<int> Ids)
{
    public static RuleHits None { get; } = new([], []);

    /// <summary>Takes the ids out of lines in the form of ModSecurity's error log. A rule that failed, at a limit of its regex, did not hit.</summary>
    public static RuleHits FromLines(IReadOnlyList<string> lines)
        => new(lines, [.. lines.Where(line => !line.Contains(" - Execution error - ", StringComparison.Ordinal)).SelectMany(line => Id().Matches(line)).Select(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture))]);

    /// <summary>
    /// Writes what another log tells in the form of ModSecurity's error log, which is what patterns of the tests look for: one line a rule, characters that would
    /// break it escaped.
    /// </summary>
    public static RuleHits FromRules(IEnumerable<(int Id, string Message, string Data)> rules)
        => FromLines([.. rules.Select(rule => string.Create(CultureInfo.InvariantCulture, $"[id \"{rule.Id}\"] [msg \"{Escape(rule.Message)}\"] [data \"{Escape(rule.Data)}\"]"))]);

    private static string Escape(string text)
        => string.Concat(text.Select(c => char.IsControl(c) || c == '"' ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}") : $"{c}"));

    [GeneratedRegex("""\[id "(\d+)"\]""")]
    private static partial Regex Id();
}
