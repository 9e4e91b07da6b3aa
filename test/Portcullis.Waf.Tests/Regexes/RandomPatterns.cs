using System.Text;

namespace Portcullis.Waf.Tests.Regexes;

/// <summary>Patterns of all constructs over few bytes, and values of those bytes, so that much matches by chance.</summary>
/// <param name="seed">What the patterns depend on.</param>
/// <param name="ofRareLetters">Whether they are of letters so rare that a prefilter searches for them.</param>
internal sealed class RandomPatterns(int seed, bool ofRareLetters = false)
{
    private static readonly string[] RareAtoms = ["q", "z", "j", "Q", "qz", "zj", "jQz", "[qz]", "(?i:zq)", "[^q]", ".", "x", "[qzjx]", "[a-z]", "\\W"];

    private static readonly byte[] RareAlphabet = "qzjxQZJ _qzj"u8.ToArray();

    private static readonly string[] Atoms =
    [
        "a", "b", "c", "A", "B", " ", "_", "\\n", ".", "\\w", "\\W", "\\s", "\\S", "\\d", "\\D", "[ab]", "[^a]",
        "[a-c]", "[^\\n]", "[\\w-]", "[[:alpha:]]", "[[:^upper:]]", "\\x61",
        "\\h", "\\v", "\\R", "\\N", "\\C", "[\\s\\S]", "\\x{e9}", "[\\x80-\\xff]", "()", "ab", "bc", "\\r", "\\Qa.b\\E", "[]a]", "[^]b]",
    ];

    private static readonly string[] Assertions =
    [
        "^", "$", "\\b", "\\B", "\\A", "\\z", "\\Z", "\\G",
        "(?m)", "(?i)", "(?-s)", "(?m:^)", "(?m:$)", "(?U)", "(?-i)",
    ];

    private static readonly string[] Quantifiers =
        ["*", "+", "?", "*?", "+?", "??", "{2}", "{0}", "{1,2}", "{2,}", "{0,3}", "{1,3}?", "{2,}?", "{,2}", "*+", "++", "?+", "{1,2}+"];

    private static readonly byte[] Alphabet = "aaabbbccAB  __\n\n\r.09-]{}\xE9"u8.ToArray();

    private readonly Random random = new(seed);

    public byte[] NextPattern()
    {
        while (true)
        {
            var text = new StringBuilder();
            Alternatives(text, random.Next(1, 4));
            var pattern = text.ToString();

            // PCRE2 10.42 takes a pattern for anchored if a group that is repeated zero times begins with an anchor, as in /(a|^){0}b/.
            if (!pattern.Contains("){0}", StringComparison.Ordinal)) return Encoding.Latin1.GetBytes(pattern);
        }
    }

    public byte[] NextValue()
    {
        var value = new byte[random.Next(random.Next(4) == 0 ? 24 : 9)];
        foreach (ref var one in value.AsSpan())
        {
            one = ofRareLetters ? RareAlphabet[random.Next(RareAlphabet.Length)] : Alphabet[random.Next(Alphabet.Length)];
        }

        return value;
    }

    private void Alternatives(StringBuilder text, int depth)
    {
        Items(text, depth);
        for (var more = random.Next(4) == 0 ? random.Next(1, 3) : 0; more > 0; more--)
        {
            text.Append('|');
            Items(text, depth);
        }
    }

    private void Items(StringBuilder text, int depth)
    {
        for (var items = random.Next(0, 4); items > 0; items--)
        {
            var choice = random.Next(10);
            if (choice == 0)
            {
                text.Append(Assertions[random.Next(Assertions.Length)]);
                continue;
            }

            if (choice < 4 && depth > 0)
            {
                text.Append(random.Next(4) switch { 0 => "(?:", 1 => "(?i:", 2 => "(", _ => "(" });
                Alternatives(text, depth - 1);
                text.Append(')');
            }
            else
            {
                text.Append(ofRareLetters ? RareAtoms[random.Next(RareAtoms.Length)] : Atoms[random.Next(Atoms.Length)]);
            }

            if (random.Next(5) < 2) text.Append(Quantifiers[random.Next(Quantifiers.Length)]);
        }
    }
}
