using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Rules;

/// <summary>
/// Some rules of the set, by id, tag or message. Rules come later than what selects them (<c>ctl</c>), so a selection is resolved when all rules are known.
/// </summary>
internal sealed class RuleSelection(Func<Rule, bool> selects)
{
    /// <summary>A bit for each rule, by <see cref="Rule.Index"/>.</summary>
    public ulong[] Bits { get; private set; } = [];

    /// <summary>How many rules are meant.</summary>
    public int Count { get; private set; }

    public bool this[Rule rule] => (Bits[rule.Index >> 6] >> rule.Index & 1) != 0;

    public static RuleSelection ById(IReadOnlyList<IdRange> ranges) => new(rule => ranges.Any(range => range.Contains(rule.Id)));

    /// <summary>By a regular expression that is searched in each tag, as in ModSecurity 2.</summary>
    public static RuleSelection ByTag(ByteRegex regex) => new(rule => rule.Tags.Any(tag => regex.IsMatch(System.Text.Encoding.UTF8.GetBytes(tag))));

    public static RuleSelection ByMessage(ByteRegex regex) => new(rule => rule.Message is { } message && regex.IsMatch(message.Source.Span));

    public void Resolve(IReadOnlyList<Rule> rules)
    {
        Bits = new ulong[(rules.Count + 63) / 64];
        Count = 0;
        foreach (var rule in rules)
        {
            if (!selects(rule)) continue;
            Bits[rule.Index >> 6] |= 1UL << rule.Index;
            Count++;
        }
    }
}
