using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Regexes;

/// <content>What follows a backslash.</content>
internal sealed partial class RegexParser
{
    private RegexNode ReadEscape(out bool isQuantifiable)
    {
        var start = position++;
        isQuantifiable = true;
        if (AtEnd) return Fail(start, "a backslash at the end of the pattern");
        var escaped = pattern[position];
        if (AssertionOf(escaped) is { } assertion)
        {
            position++;
            isQuantifiable = false;
            return new RegexNode.Assertion(assertion);
        }

        if (TryReadSet(out var set)) return new RegexNode.Set(set);
        switch ((char)escaped)
        {
            case 'R':
                position++;
                return AnyLineEnd();
            case 'N':
                position++;
                if (Sees('{') && !SeesCounts()) return Fail(start, "characters by name or code point are not supported");
                return new RegexNode.Set(ByteClasses.NotLineFeed);
            case 'C':
                position++;
                return new RegexNode.Set(ByteSet.All);
            case 'K':
                return Fail(start, "\\K is not supported", needsBacktracking: true);
            case 'X':
                return Fail(start, "\\X is not supported");
            case 'p' or 'P':
                return Fail(start, "Unicode properties (\\p) are not supported: patterns match bytes");
            case 'k':
                position++;
                return ReadNamedReference(start);
            case 'g':
                position++;
                return ReadNumberedReference(start);
            case >= '1' and <= '9' when TryReadReference(start, out var reference):
                return reference;
            default:
                return TryReadByte(start, out var value) ? Literal(value) : RegexNode.Empty.Instance;
        }
    }

    private static AssertionKind? AssertionOf(byte escaped) => (char)escaped switch
    {
        'A' or 'G' => AssertionKind.Start,
        'z' => AssertionKind.End,
        'Z' => AssertionKind.EndOrFinalLineFeed,
        'b' => AssertionKind.WordBoundary,
        'B' => AssertionKind.NotWordBoundary,
        _ => null,
    };

    /// <summary>Reads the letter of a class such as <c>\d</c>, which means the same inside brackets and outside.</summary>
    private bool TryReadSet(out ByteSet set)
    {
        (bool isSet, set) = (char)pattern[position] switch
        {
            'd' => (true, ByteClasses.Digit),
            'D' => (true, ~ByteClasses.Digit),
            's' => (true, ByteClasses.Space),
            'S' => (true, ~ByteClasses.Space),
            'w' => (true, ByteClasses.Word),
            'W' => (true, ~ByteClasses.Word),
            'h' => (true, ByteClasses.HorizontalSpace),
            'H' => (true, ~ByteClasses.HorizontalSpace),
            'v' => (true, ByteClasses.VerticalSpace),
            'V' => (true, ~ByteClasses.VerticalSpace),
            _ => (false, default),
        };
        if (isSet) position++;
        return isSet;
    }

    /// <summary><c>\R</c>, which never gives back the LF of a CR LF.</summary>
    private static RegexNode.Alternation AnyLineEnd()
    {
        var carriageReturn = new RegexNode.Set(ByteSet.Of((byte)'\r'));
        var lineFeed = ByteSet.Of((byte)'\n');
        return new RegexNode.Alternation(
        [
            new RegexNode.Concatenation([carriageReturn, new RegexNode.Set(lineFeed)]),
            new RegexNode.Concatenation([carriageReturn, new RegexNode.NotBefore(lineFeed)]),
            new RegexNode.Set(ByteClasses.VerticalSpace & ~ByteSet.Of((byte)'\r')),
        ]);
    }

    /// <summary>The byte that an escape stands for, behind the backslash at <paramref name="start"/>; the same inside brackets and outside.</summary>
    private bool TryReadByte(int start, out byte value)
    {
        var escaped = pattern[position++];
        value = escaped;
        switch ((char)escaped)
        {
            case 'a':
                value = 7;
                return true;
            case 'e':
                value = 27;
                return true;
            case 'f':
                value = 12;
                return true;
            case 'n':
                value = 10;
                return true;
            case 'r':
                value = 13;
                return true;
            case 't':
                value = 9;
                return true;
            case 'c':
                if (AtEnd || pattern[position] is < 32 or > 126) return Fails(start, "\\c wants a printable ASCII character");
                var control = pattern[position++];
                value = (byte)((char.IsAsciiLetterLower((char)control) ? control - 32 : control) ^ 0x40);
                return true;
            case 'x':
                return TryReadHex(start, out value);
            case 'o':
                return Accepts('{') ? TryReadBraced(start, 8, out value) : Fails(start, "\\o wants a brace");
            case >= '0' and <= '7':
                return TryReadOctal(start, escaped - '0', out value);
            case '8' or '9':
                return true;
            default:
                return !char.IsAsciiLetter((char)escaped) || Fails(start, $"\\{(char)escaped} is no known escape");
        }
    }

    private bool TryReadOctal(int start, int number, out byte value)
    {
        for (var more = 0; more < 2 && !AtEnd && pattern[position] is >= (byte)'0' and <= (byte)'7'; more++)
        {
            number = (number * 8) + pattern[position++] - '0';
        }

        value = (byte)number;
        return number <= 255 || Fails(start, "an octal number above \\377");
    }

    private bool TryReadHex(int start, out byte value)
    {
        if (Accepts('{')) return TryReadBraced(start, 16, out value);
        value = 0;
        for (var digits = 0; digits < 2 && !AtEnd && char.IsAsciiHexDigit((char)pattern[position]); digits++)
        {
            value = (byte)((value * 16) + Convert.ToInt32(((char)pattern[position++]).ToString(), 16));
        }

        return true;
    }

    private bool TryReadBraced(int start, int radix, out byte value)
    {
        value = 0;
        var number = 0;
        var from = position;
        while (!AtEnd && DigitOf(pattern[position]) is var digit && digit < radix)
        {
            number = Math.Min((number * radix) + digit, 256);
            position++;
        }

        if (position == from || !Accepts('}')) return Fails(start, "a number in braces is not well-formed");
        value = (byte)number;
        return number <= 255 || Fails(start, "a number above 255: patterns match bytes");
    }

    private static int DigitOf(byte digit) => char.IsAsciiHexDigit((char)digit) ? Convert.ToInt32(((char)digit).ToString(), 16) : int.MaxValue;

    private bool Fails(int start, string message)
    {
        Fail(start, message);
        return false;
    }

    /// <summary>A number below 10, one that begins with 8 or 9 and one up to the groups seen so far is a back-reference; others are octal.</summary>
    private bool TryReadReference(int start, out RegexNode reference)
    {
        reference = RegexNode.Empty.Instance;
        var from = position;
        var number = ReadNumber(MaxCount);
        if (number < 10 || pattern[from] >= '8' || number <= groupCount)
        {
            reference = Reference(start, number);
            return true;
        }

        position = from;
        return false;
    }

    private RegexNode.BackReference Reference(int start, int number)
    {
        NeedsBacktracking(start, "a back-reference");
        if (number > highestReference) (highestReference, highestReferenceOffset) = (number, start);
        return new RegexNode.BackReference(number, Has(RegexFlags.IgnoreCase));
    }

    private RegexNode ReadNamedReference(int start)
        => Accepts('<') ? ReadNamedReference(start, '>')
            : Accepts('\'') ? ReadNamedReference(start, '\'')
            : Accepts('{') ? ReadNamedReference(start, '}')
            : Fail(start, "\\k wants a name");

    private RegexNode ReadNamedReference(int start, char end)
    {
        if (ReadName(end) is not { } name) return RegexNode.Empty.Instance;
        if (!names.TryGetValue(name, out var number)) return Fail(start, $"reference to '{name}', which is no group seen so far", needsBacktracking: true);
        return Reference(start, number);
    }

    private RegexNode ReadNumberedReference(int start)
    {
        if (Sees('<') || Sees('\'')) return Fail(start, "recursion is not supported", needsBacktracking: true);
        var isBraced = Accepts('{');
        var isBackwards = Accepts('-');
        var isForwards = !isBackwards && Accepts('+');
        if (AtEnd || !char.IsAsciiDigit((char)pattern[position]))
            return isBraced && !isBackwards && !isForwards ? ReadNamedReference(start, '}') : Fail(start, "\\g wants a number or name");
        var number = ReadNumber(MaxCount);
        if (isBraced && !Accepts('}')) return Fail(start, "\\g is not closed");
        number = isBackwards ? groupCount + 1 - number : isForwards ? groupCount + number : number;
        return number > 0 ? Reference(start, number) : Fail(start, "\\g refers to no group");
    }
}
