using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Regexes;

/// <content>Character classes.</content>
internal sealed partial class RegexParser
{
    private RegexNode ReadClass()
    {
        var start = position++;
        if (IsPosixAt(position - 1)) return Fail(start, "POSIX names stand only within a class");
        var isNegated = Accepts('^');
        var set = ByteSet.Empty;
        var isQuoted = false;
        var isFirst = true;
        while (true)
        {
            if (AtEnd) return Fail(start, "the class is not closed");
            if (SkipsQuoteMarks(ref isQuoted)) continue;
            if (!isQuoted && !isFirst && Accepts(']')) break;
            if (SkipsClassSpace(isQuoted)) continue;
            isFirst = false;
            if (!ReadClassItem(ref isQuoted, out var item, out var low))
                return RegexNode.Empty.Instance;
            if (!ReadRange(start, ref isQuoted, ref item, low)) return RegexNode.Empty.Instance;
            set |= item;
        }

        if (Has(RegexFlags.IgnoreCase)) set = ByteClasses.WithBothCases(set);
        return new RegexNode.Set(isNegated ? ~set : set);
    }

    /// <summary>Skips <c>\Q</c> and <c>\E</c>, which may stand anywhere in a class.</summary>
    private bool SkipsQuoteMarks(ref bool isQuoted)
    {
        if (Accepts("\\E"u8))
        {
            isQuoted = false;
            return true;
        }

        if (isQuoted || !Accepts("\\Q"u8)) return false;
        isQuoted = true;
        return true;
    }

    private bool SkipsClassSpace(bool isQuoted)
    {
        if (isQuoted || !Has(RegexFlags.ExtendedMore) || (!Sees(' ') && !Sees('\t'))) return false;
        position++;
        return true;
    }

    /// <summary>Reads one member. <paramref name="low"/> is the byte it is, with which a range may begin; -1 for a set.</summary>
    private bool ReadClassItem(ref bool isQuoted, out ByteSet item, out int low)
    {
        (item, low) = (default, -1);
        var start = position;
        if (!isQuoted && Sees('[') && IsPosixAt(position)) return ReadPosix(out item);
        if (isQuoted || !Accepts('\\'))
        {
            low = pattern[position++];
            item = ByteSet.Of((byte)low);
            return true;
        }

        if (AtEnd) return Fails(start, "a backslash at the end of the pattern");
        if (TryReadSet(out item)) return true;
        if (Accepts('b'))
        {
            low = 8;
        }
        else
        {
            if (pattern[position] is (byte)'B' or (byte)'R' or (byte)'X' or (byte)'N')
                return Fails(start, $"\\{(char)pattern[position]} does not stand in a class");
            if (pattern[position] is (byte)'p' or (byte)'P')
                return Fails(start, "Unicode properties (\\p) are not supported: patterns match bytes");
            if (!TryReadByte(start, out var value)) return false;
            low = value;
        }

        item = ByteSet.Of((byte)low);
        return true;
    }

    /// <summary>Extends <paramref name="item"/> to a range if a hyphen and another byte follow.</summary>
    private bool ReadRange(int start, ref bool isQuoted, ref ByteSet item, int low)
    {
        while (SkipsQuoteMarks(ref isQuoted) || SkipsClassSpace(isQuoted))
        {
        }

        if (isQuoted || !Sees('-')) return true;
        var hyphen = position++;
        while (SkipsQuoteMarks(ref isQuoted) || SkipsClassSpace(isQuoted))
        {
        }

        if (AtEnd) return Fails(start, "the class is not closed");
        if (!isQuoted && Sees(']'))
        {
            item |= ByteSet.Of((byte)'-');
            return true;
        }

        if (low < 0) return Fails(hyphen, "a range does not begin with a single byte");
        if (!ReadClassItem(ref isQuoted, out _, out var high)) return false;
        if (high < 0) return Fails(hyphen, "a range does not end with a single byte");
        if (high < low) return Fails(hyphen, "a range is out of order");
        item = ByteSet.Range((byte)low, (byte)high);
        return true;
    }

    /// <summary>Whether <c>[:</c>, <c>[.</c> or <c>[=</c> at <paramref name="at"/> is closed by the same before a bracket: then it is a POSIX item.</summary>
    private bool IsPosixAt(int at)
    {
        if (at + 1 >= pattern.Length || pattern[at + 1] is not ((byte)':' or (byte)'.' or (byte)'=')) return false;
        var mark = pattern[at + 1];
        for (at += 2; at + 1 < pattern.Length; at++)
        {
            if (pattern[at] == '\\' && pattern[at + 1] is (byte)']' or (byte)'\\') at++;
            else if (pattern[at] == '[' && pattern[at + 1] == mark) return false;
            else if (pattern[at] == ']') return false;
            else if (pattern[at] == mark && pattern[at + 1] == ']') return true;
        }

        return false;
    }

    private bool ReadPosix(out ByteSet item)
    {
        item = default;
        var start = position;
        if (pattern[position + 1] != ':') return Fails(start, "POSIX collating elements are not supported");
        position += 2;
        var isNegated = Accepts('^');
        var end = position + pattern.AsSpan(position).IndexOf(":]"u8);
        var name = pattern.AsSpan(position, end - position);
        if (!ByteClasses.TryFind(name, out item)) return Fails(start, "an unknown POSIX name");

        // Without regard to case, upper and lower are alpha before they are negated.
        if (Has(RegexFlags.IgnoreCase) && (name.SequenceEqual("upper"u8) || name.SequenceEqual("lower"u8))) item = ByteClasses.Alpha;
        if (isNegated) item = ~item;
        position = end + 2;
        return true;
    }
}
