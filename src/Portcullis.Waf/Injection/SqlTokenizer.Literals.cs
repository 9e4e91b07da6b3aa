using System.Buffers;

namespace Portcullis.Waf.Injection;

/// <summary>Numbers and texts.</summary>
internal ref partial struct SqlTokenizer
{
    /// <summary>
    /// A text up to the closing quote, or to the end. A quote behind an odd number of backslashes or before another one does not close it.
    /// </summary>
    /// <param name="at">Where the token begins.</param>
    /// <param name="lead">Bytes before the text, its opening quote last; 0 where the quote stands before the value.</param>
    /// <param name="quote">The quote.</param>
    private int ReadQuoted(int at, int lead, byte quote)
    {
        var start = at + lead;
        var from = start;
        while (true)
        {
            var found = value[from..].IndexOf(quote);
            if (found < 0)
            {
                _ = Take(SqlTokenType.Text, start, value.Length - start);
                token.Opening = lead > 0 ? quote : (byte)0;
                return value.Length;
            }

            var end = from + found;
            if (IsEscaped(start, end))
            {
                from = end + 1;
            }
            else if (Is(end + 1, quote))
            {
                from = end + 2;
            }
            else
            {
                _ = Take(SqlTokenType.Text, start, end - start);
                token.Opening = lead > 0 ? quote : (byte)0;
                token.Closing = quote;
                return end + 1;
            }
        }
    }

    private readonly bool IsEscaped(int start, int end)
    {
        if (end == start || value[end - 1] != '\\')
            return false;
        var text = value[start..end];
        return (text.Length - 1 - text.LastIndexOfAnyExcept((byte)'\\')) % 2 != 0;
    }

    /// <summary>A text between marks that no escape can hide: up to the mark, or to the end.</summary>
    private int ReadMarked(int start, scoped ReadOnlySpan<byte> mark, byte shownAs)
    {
        var length = value[start..].IndexOf(mark);
        var end = Take(SqlTokenType.Text, start, length < 0 ? value.Length - start : length);
        token.Opening = shownAs;
        token.Closing = length < 0 ? (byte)0 : shownAs;
        return length < 0 ? end : end + mark.Length;
    }

    /// <summary><c>e'..'</c> of PostgreSQL, <c>n'..'</c> of MySQL. An opening quote at the end of the value belongs to the next token.</summary>
    private int ReadPrefixedText(int at)
        => at + 2 < value.Length && value[at + 1] == '\'' ? ReadQuoted(at, 2, (byte)'\'') : ReadWord(at);

    private int ReadNationalText(int at)
        => at + 2 < value.Length && value[at + 1] == '\'' ? ReadPrefixedText(at) : ReadOracleText(at, at + 1);

    private int ReadUnicodeText(int at)
    {
        if (!value[(at + 1)..].StartsWith("&'"u8))
            return ReadWord(at);
        var end = ReadQuoted(at + 2, 1, (byte)'\'');
        token.Opening = (byte)'u';
        if (token.Closing != 0)
            token.Closing = (byte)'u';
        return end;
    }

    /// <summary><c>q'[..]'</c>, <c>nq'[..]'</c> of Oracle, with a mark of the author's choice; <paramref name="q"/> is where the q must be.</summary>
    private int ReadOracleText(int at, int q)
    {
        if (q + 2 >= value.Length || (value[q] | 0x20) != 'q' || value[q + 1] != '\'' || value[q + 2] is <= (byte)' ' or >= 0x80)
            return ReadWord(at);
        var closing = value[q + 2] switch
        {
            (byte)'(' => (byte)')',
            (byte)'[' => (byte)']',
            (byte)'{' => (byte)'}',
            (byte)'<' => (byte)'>',
            var same => same,
        };
        return ReadMarked(q + 3, [closing, (byte)'\''], (byte)'q');
    }

    /// <summary><c>b'01'</c> and <c>x'0F'</c>; the digits may be missing.</summary>
    private int ReadDigitsLiteral(int at, SearchValues<byte> digits)
    {
        if (!Is(at + 1, (byte)'\''))
            return ReadWord(at);
        var length = CountOf(digits, at + 2);
        return Is(at + 2 + length, (byte)'\'') ? Take(SqlTokenType.Number, at, length + 3) : ReadWord(at);
    }

    private readonly int CountOf(SearchValues<byte> accepted, int at)
    {
        var rest = value[at..];
        var length = rest.IndexOfAnyExcept(accepted);
        return length < 0 ? rest.Length : length;
    }

    private readonly int SkipDecimals(int at)
    {
        while ((uint)at < (uint)value.Length && char.IsAsciiDigit((char)value[at]))
            at++;
        return at;
    }

    private int ReadNumber(int at)
    {
        if (value[at] == '0' && at + 1 < value.Length)
        {
            var digits = (value[at + 1] | 0x20) switch { 'x' => SqlBytes.HexDigits, 'b' => SqlBytes.BinaryDigits, _ => null };
            if (digits is not null)
            {
                var length = CountOf(digits, at + 2);
                return Take(length == 0 ? SqlTokenType.Bareword : SqlTokenType.Number, at, length + 2);
            }
        }

        var end = SkipDecimals(at);
        if (Is(end, (byte)'.'))
        {
            end = SkipDecimals(end + 1);
            if (end == at + 1)
                return ReadSingle(SqlTokenType.Dot, at);
        }

        var type = SqlTokenType.Number;
        if (end < value.Length && (value[end] | 0x20) == 'e')
        {
            end++;
            if (end < value.Length && value[end] is (byte)'+' or (byte)'-')
                end++;
            var exponent = end;
            end = SkipDecimals(end);
            if (end == exponent)
                type = SqlTokenType.Bareword;
        }

        if (IsOracleSuffix(end))
            end++;
        return Take(type, at, end - at);
    }

    /// <summary>A <c>d</c> or <c>f</c> that ends a number: before the end, white space, a semicolon, or <c>UNION</c>.</summary>
    private readonly bool IsOracleSuffix(int at)
        => at < value.Length && (value[at] | 0x20) is 'd' or 'f'
            && (at + 1 == value.Length || SqlBytes.IsWhite(value[at + 1]) || value[at + 1] is (byte)';' or (byte)'u' or (byte)'U');

    /// <summary><c>$1,000.00</c>, <c>$$..$$</c>, <c>$tag$..$tag$</c>, or the sign alone, which is a name.</summary>
    private int ReadMoney(int at)
    {
        if (at + 1 == value.Length)
            return ReadSingle(SqlTokenType.Bareword, at);

        var digits = CountOf(SqlBytes.MoneyDigits, at + 1);
        if (digits == 1 && value[at + 1] == '.')
            return ReadWord(at);
        if (digits > 0)
            return Take(SqlTokenType.Number, at, digits + 1);
        if (value[at + 1] == '$')
            return ReadMarked(at + 2, "$$"u8, (byte)'$');

        var tag = CountOf(SqlBytes.TagLetters, at + 1);
        return tag > 0 && Is(at + tag + 1, (byte)'$')
            ? ReadMarked(at + tag + 2, value.Slice(at, tag + 2), (byte)'$')
            : ReadSingle(SqlTokenType.Bareword, at);
    }
}
