using System.Text;

namespace Portcullis.Waf.Regexes;

/// <content>Parentheses: groups, inline options, and what is refused.</content>
internal sealed partial class RegexParser
{
    private const int MaxNameLength = 32;

    private RegexNode? ReadGroup(out bool isQuantifiable)
    {
        var start = position++;
        isQuantifiable = true;
        if (Sees('*')) return Fail(start, "verbs and other '(*' constructs are not supported", needsBacktracking: true);
        if (!Accepts('?'))
            return Has(RegexFlags.NoCapture) ? ReadBody(start) : ReadCapturing(start);

        if (Accepts(':')) return ReadBody(start);
        if (Accepts('>'))
        {
            NeedsBacktracking(start, "an atomic group");
            return new RegexNode.Atomic(ReadBody(start));
        }

        if (Accepts('=')) return ReadLook(start, isBehind: false, isNegative: false);
        if (Accepts('!')) return ReadLook(start, isBehind: false, isNegative: true);
        if (Accepts("<="u8)) return ReadLook(start, isBehind: true, isNegative: false);
        if (Accepts("<!"u8)) return ReadLook(start, isBehind: true, isNegative: true);
        if (Accepts('<') || Accepts("P<"u8)) return ReadNamed(start, '>');
        if (Accepts('\'')) return ReadNamed(start, '\'');
        if (Accepts("P="u8)) return ReadNamedReference(start, ')');
        if (RefusedConstruct() is { } refused) return Fail(start, $"{refused} is not supported", needsBacktracking: true);
        return ReadOptions(start, out isQuantifiable);
    }

    private string? RefusedConstruct()
    {
        var next = AtEnd ? (byte)0 : pattern[position];
        var signed = next is (byte)'-' or (byte)'+' && position + 1 < pattern.Length && char.IsAsciiDigit((char)pattern[position + 1]);
        return (char)next switch
        {
            '|' => "a branch reset group",
            '(' => "a conditional group",
            'C' => "a callout",
            '*' => "a non-atomic look-around",
            'R' or '&' or 'P' => "recursion",
            '+' => "recursion",
            _ => signed || char.IsAsciiDigit((char)next) ? "recursion" : null,
        };
    }

    private RegexNode.Group ReadCapturing(int start)
    {
        var index = ++groupCount;
        return new RegexNode.Group(ReadBody(start), index);
    }

    private RegexNode.Look ReadLook(int start, bool isBehind, bool isNegative)
    {
        NeedsBacktracking(start, isBehind ? "a look-behind" : "a look-ahead");
        return new RegexNode.Look(ReadBody(start), isBehind, isNegative);
    }

    private RegexNode ReadNamed(int start, char end)
    {
        if (ReadName(end) is not { } name) return RegexNode.Empty.Instance;
        if (names.ContainsKey(name) && !Has(RegexFlags.DuplicateNames)) return Fail(start, $"two groups are named '{name}'");
        names.TryAdd(name, groupCount + 1);
        return ReadCapturing(start);
    }

    private string? ReadName(char end)
    {
        var start = position;
        while (!AtEnd && ByteClasses.Word.Contains(pattern[position])) position++;
        var name = pattern.AsSpan(start, position - start);
        var isBad = name.IsEmpty || name.Length > MaxNameLength || char.IsAsciiDigit((char)name[0]);
        if (isBad || !Accepts(end))
        {
            Fail(start, "a group's name is not well-formed");
            return null;
        }

        return Encoding.ASCII.GetString(name);
    }

    /// <summary>The rest of a group: its alternatives and the closing parenthesis. Options set inside end with it.</summary>
    private RegexNode ReadBody(int start)
    {
        if (++depth > MaxDepth) return Fail(start, $"groups are nested deeper than {MaxDepth}");
        var outer = flags;
        var body = ReadAlternation();
        flags = outer;
        depth--;
        if (!Accepts(')')) return Fail(start, "the group is not closed");
        return body;
    }

    /// <summary>Options up to <c>)</c>, which hold for the rest of the group around, or up to <c>:</c>, which hold for the group they open.</summary>
    private RegexNode? ReadOptions(int start, out bool isQuantifiable)
    {
        isQuantifiable = false;
        var changed = flags;
        var isUnset = false;
        var isReset = Accepts('^');
        if (isReset) changed &= RegexFlags.Ungreedy | RegexFlags.DuplicateNames;
        while (!AtEnd && !Sees(')') && !Sees(':'))
        {
            if (Accepts('-'))
            {
                if (isUnset || isReset) return Fail(start, "a second '-' among inline options");
                isUnset = true;
                continue;
            }

            var isMore = Sees("xx"u8);
            var flag = (char)pattern[position] switch
            {
                'i' => RegexFlags.IgnoreCase,
                'm' => RegexFlags.Multiline,
                's' => RegexFlags.DotAll,
                'x' => RegexFlags.Extended,
                'U' => RegexFlags.Ungreedy,
                'n' => RegexFlags.NoCapture,
                'J' => RegexFlags.DuplicateNames,
                _ => RegexFlags.None,
            };
            if (flag == RegexFlags.None) return Fail(start, "an unknown inline option or group");
            position += isMore ? 2 : 1;

            // A single x switches xx off, and -x both.
            if (flag == RegexFlags.Extended) changed &= ~RegexFlags.ExtendedMore;
            if (isMore && !isUnset) flag |= RegexFlags.ExtendedMore;
            changed = isUnset ? changed & ~flag : changed | flag;
        }

        if (Accepts(')'))
        {
            flags = changed;
            return null;
        }

        if (!Accepts(':')) return Fail(start, "the group is not closed");
        isQuantifiable = true;
        var outer = flags;
        flags = changed;
        var body = ReadBody(start);
        flags = outer;
        return body;
    }
}
