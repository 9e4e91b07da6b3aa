using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Regexes;

/// <summary>
/// Reads a pattern in the dialect of PCRE2 10.42, bytes without UTF, with PCRE2_DOTALL and PCRE2_DOLLAR_ENDONLY as ModSecurity 2 sets them.
/// Source: pcre2pattern(3). At the first error the position moves behind the pattern, so that every loop ends.
/// </summary>
internal sealed partial class RegexParser
{
    /// <summary>Bytes of a pattern. The longest of the Core Rule Set has 12,182.</summary>
    public const int MaxPatternLength = 64 * 1024;

    /// <summary>Groups within groups, as PCRE2 limits them; the tree is walked recursively.</summary>
    private const int MaxDepth = 250;

    /// <summary>The highest count of a quantifier, as in PCRE2.</summary>
    private const int MaxCount = 65_535;

    private readonly byte[] pattern;
    private readonly Dictionary<string, int> names = new(StringComparer.Ordinal);
    private int position;
    private int depth;
    private int groupCount;
    private int highestReference;
    private int highestReferenceOffset;
    private RegexFlags flags = RegexFlags.DotAll;
    private RegexError? error;
    private RegexError? backtracking;

    private RegexParser(byte[] pattern) => this.pattern = pattern;

    /// <summary>Parses <paramref name="pattern"/>. Exactly one of the results is null.</summary>
    public static (RegexSyntax? Syntax, RegexError? Error) Parse(ReadOnlySpan<byte> pattern)
    {
        if (pattern.Length > MaxPatternLength)
            return (null, new RegexError(MaxPatternLength, $"the pattern is longer than {MaxPatternLength} bytes", NeedsBacktracking: false));
        var parser = new RegexParser(pattern.ToArray());
        var root = parser.ReadAlternation();
        if (parser.error is null && !parser.AtEnd) parser.Fail(parser.position, "unmatched closing parenthesis");
        if (parser.highestReference > parser.groupCount)
            parser.Fail(parser.highestReferenceOffset, $"reference to group {parser.highestReference}, which does not exist");
        if (parser.error is not null) return (null, parser.error);
        return (new RegexSyntax(root, parser.groupCount, parser.backtracking), null);
    }

    private bool AtEnd => position >= pattern.Length;

    private bool Has(RegexFlags flag) => (flags & flag) != RegexFlags.None;

    private bool Sees(char expected) => position < pattern.Length && pattern[position] == expected;

    private bool Sees(ReadOnlySpan<byte> expected) => pattern.AsSpan(Math.Min(position, pattern.Length)).StartsWith(expected);

    private bool Accepts(char expected)
    {
        if (!Sees(expected)) return false;
        position++;
        return true;
    }

    private bool Accepts(ReadOnlySpan<byte> expected)
    {
        if (!Sees(expected)) return false;
        position += expected.Length;
        return true;
    }

    private RegexNode.Empty Fail(int offset, string message, bool needsBacktracking = false)
    {
        error ??= new RegexError(offset, message, needsBacktracking);
        position = pattern.Length;
        return RegexNode.Empty.Instance;
    }

    private void NeedsBacktracking(int offset, string construct)
        => backtracking ??= new RegexError(offset, $"{construct} can't be matched in linear time", NeedsBacktracking: true);

    private RegexNode ReadAlternation()
    {
        var first = ReadConcatenation();
        if (!Sees('|')) return first;
        List<RegexNode> options = [first];
        while (Accepts('|'))
        {
            options.Add(ReadConcatenation());
        }

        return new RegexNode.Alternation([.. options]);
    }

    private RegexNode ReadConcatenation()
    {
        List<RegexNode> items = [];

        // Comments, \E and ignored white space may stand between an item and its quantifier: they leave this as it is.
        var isQuantifiable = false;
        while (!AtEnd && !Sees('|') && !Sees(')'))
        {
            var start = position;
            if (SkipsIgnored()) continue;
            if (Accepts("\\Q"u8))
            {
                while (!AtEnd && !Sees("\\E"u8))
                {
                    items.Add(Literal(pattern[position++]));
                    isQuantifiable = true;
                }

                continue;
            }

            if (TryReadCounts(out var min, out var max))
            {
                if (!isQuantifiable) return Fail(start, "a quantifier follows nothing that can be repeated");
                items[^1] = ReadQuantified(items[^1], min, max);
                isQuantifiable = false;
                continue;
            }

            if (ReadItem(out isQuantifiable) is { } item) items.Add(item);
        }

        return items.Count switch { 0 => RegexNode.Empty.Instance, 1 => items[0], _ => new RegexNode.Concatenation([.. items]) };
    }

    private bool SkipsIgnored()
    {
        if (Accepts("\\E"u8)) return true;
        if (Sees("(?#"u8))
        {
            var end = Array.IndexOf(pattern, (byte)')', position);
            if (end < 0) Fail(position, "the comment does not end");
            else position = end + 1;
            return true;
        }

        if (!Has(RegexFlags.Extended)) return false;
        if (ByteClasses.Space.Contains(pattern[position]))
        {
            position++;
            return true;
        }

        if (!Sees('#')) return false;
        var line = Array.IndexOf(pattern, (byte)'\n', position);
        position = line < 0 ? pattern.Length : line + 1;
        return true;
    }

    private RegexNode ReadQuantified(RegexNode body, int min, int max)
    {
        var start = position - 1;
        var isPossessive = Accepts('+');
        var isLazy = !isPossessive && Accepts('?') != Has(RegexFlags.Ungreedy);
        var repeat = new RegexNode.Repeat(body, min, max, isLazy && !isPossessive);
        if (!isPossessive) return repeat;

        if (body is RegexNode.Set single) return Possessive(single, repeat);
        NeedsBacktracking(start, "a possessive quantifier");
        return new RegexNode.Atomic(repeat);
    }

    /// <summary>As many as there are, of single bytes: either the highest count is reached, or no such byte follows.</summary>
    private static RegexNode Possessive(RegexNode.Set single, RegexNode.Repeat repeat)
    {
        if (repeat.Min == repeat.Max) return repeat;
        var end = new RegexNode.NotBefore(single.Bytes);
        if (repeat.Max == RegexNode.Repeat.Unlimited) return new RegexNode.Concatenation([repeat, end]);
        var fewer = new RegexNode.Concatenation([repeat with { Max = repeat.Max - 1 }, end]);
        return new RegexNode.Alternation([repeat with { Min = repeat.Max }, fewer]);
    }

    /// <summary>Reads <c>*</c>, <c>+</c>, <c>?</c>, <c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>; any other brace is a literal (10.42: also <c>{,m}</c>).</summary>
    private bool TryReadCounts(out int min, out int max)
    {
        (min, max) = (0, RegexNode.Repeat.Unlimited);
        if (Accepts('*')) return true;
        if (Accepts('+'))
        {
            min = 1;
            return true;
        }

        if (Accepts('?'))
        {
            max = 1;
            return true;
        }

        var start = position;
        if (!SeesCounts()) return false;
        position++;
        min = max = ReadNumber(MaxCount);
        if (Accepts(',')) max = Sees('}') ? RegexNode.Repeat.Unlimited : ReadNumber(MaxCount);
        if (min > MaxCount || max > MaxCount) Fail(start, $"a quantifier's count is above {MaxCount}");
        else if (max != RegexNode.Repeat.Unlimited && max < min) Fail(start, "a quantifier's counts are out of order");
        else position++;
        return true;
    }

    private bool SeesCounts()
    {
        if (!Sees('{')) return false;
        var at = position + 1;
        var from = at;
        while (at < pattern.Length && char.IsAsciiDigit((char)pattern[at])) at++;
        if (at == from) return false;
        if (at < pattern.Length && pattern[at] == ',')
        {
            at++;
            while (at < pattern.Length && char.IsAsciiDigit((char)pattern[at])) at++;
        }

        return at < pattern.Length && pattern[at] == '}';
    }

    /// <summary>Decimal digits; a number above <paramref name="limit"/> becomes <paramref name="limit"/> + 1.</summary>
    private int ReadNumber(int limit)
    {
        var number = 0;
        while (!AtEnd && char.IsAsciiDigit((char)pattern[position]))
        {
            number = Math.Min((number * 10) + pattern[position++] - '0', limit + 1);
        }

        return number;
    }

    /// <summary>Reads one item; null if it is one that matches nothing by itself, such as <c>(?i)</c>.</summary>
    private RegexNode? ReadItem(out bool isQuantifiable)
    {
        isQuantifiable = true;
        switch (pattern[position])
        {
            case (byte)'(':
                return ReadGroup(out isQuantifiable);
            case (byte)'[':
                return ReadClass();
            case (byte)'\\':
                return ReadEscape(out isQuantifiable);
            case (byte)'.':
                position++;
                return new RegexNode.Set(Has(RegexFlags.DotAll) ? ByteSet.All : ByteClasses.NotLineFeed);
            case (byte)'^':
                position++;
                isQuantifiable = false;
                return new RegexNode.Assertion(Has(RegexFlags.Multiline) ? AssertionKind.LineStart : AssertionKind.Start);
            case (byte)'$':
                position++;
                isQuantifiable = false;
                return new RegexNode.Assertion(Has(RegexFlags.Multiline) ? AssertionKind.LineEnd : AssertionKind.End);
            default:
                return Literal(pattern[position++]);
        }
    }

    private RegexNode.Set Literal(byte value)
        => new(Has(RegexFlags.IgnoreCase) ? ByteClasses.WithBothCases(ByteSet.Of(value)) : ByteSet.Of(value));
}
