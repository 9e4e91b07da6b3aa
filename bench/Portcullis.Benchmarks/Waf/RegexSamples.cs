using System.Text;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Literals;
using Portcullis.Waf.Regexes;

namespace Portcullis.Benchmarks.Waf;

/// <summary>Patterns like those of attack rules, words like those of their lists, and values like those of requests.</summary>
internal sealed class RegexSamples
{
    private static readonly string[] Patterns =
    [
        "(?i)\\b(?:select|union|insert|update|delete)\\b.{1,100}?\\b(?:from|into|set|where)\\b", "(?i)<script[^>]*>[\\s\\S]*?", "(?i)on[a-z]{3,25}[\\s\\x0b]*=",
        "(?:^|[/\\x5c])\\.{2,3}[/\\x5c]", "(?i)(?:;|\\||`|&&)[\\s\\x0b]*(?:cat|wget|curl|bash|nc|python[23]?)\\b", "(?i)javascript:", "\\$\\{[^}]{0,15}\\$\\{",
        "(?i)[\"'`][\\s\\x0b]*(?:or|and|having)[\\s\\x0b]+[\"'`\\d]", "^[\\w/.+-]+$",
        "(?i)\\b(?:eval|exec|system|passthru)[\\s\\x0b]*\\(", "[\\n\\r]+(?:get|post|head)[\\s]+http/\\d",
        "(?i)(?:/\\*!?|\\*/|--[\\s\\r\\n]|#[^\\n]*\\n)",
    ];

    private static readonly string[] Values =
    [
        "1", "en-US,en;q=0.5", "/api/orders/17/lines?expand=all", "Jane O'Neil", "550e8400-e29b-41d4-a716-446655440000",
        "a sentence of the kind that people write into forms",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    ];

    private readonly ByteRegex[] regexes = Array.ConvertAll(Patterns, static pattern => ByteRegex.Compile(Encoding.Latin1.GetBytes(pattern)).Regex!);
    private readonly byte[][] values = Array.ConvertAll(Values, Encoding.Latin1.GetBytes);
    private readonly byte[] attack = "id=1' UNION ALL SELECT name, secret FROM users WHERE '1'='1"u8.ToArray();
    private readonly Capture[] groups = new Capture[10];
    private readonly Prefilter filter;
    private readonly ulong[] candidates;

    public RegexSamples()
    {
        filter = Prefilter.Build([.. regexes.Select(RequirementAnalysis.Analyse)]);
        candidates = new ulong[filter.WordCount];
    }

    public int MatchBenign()
    {
        var matches = 0;
        foreach (var value in values)
        {
            foreach (var regex in regexes)
            {
                if (regex.IsMatch(value)) matches++;
            }
        }

        return matches;
    }

    public int MatchAttack()
    {
        var matches = 0;
        foreach (var regex in regexes)
        {
            if (regex.IsMatch(attack)) matches++;
        }

        return matches;
    }

    public bool Capture() => regexes[0].Match(attack, groups);

    public void Scan()
    {
        foreach (var value in values)
        {
            filter.Automaton.Scan(value, candidates);
        }
    }

    public void Filter()
    {
        foreach (var value in values)
        {
            filter.Candidates(value, ByteSet.Of(value), candidates);
        }
    }
}
