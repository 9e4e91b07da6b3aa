using System.Buffers;

namespace Portcullis.Waf.Injection;

/// <summary>What single bytes mean to the SQL tokeniser. Bytes from 0x80 belong to words, but for the no-break space of Latin-1.</summary>
internal static class SqlBytes
{
    private const byte NoBreakSpace = 0xA0;

    /// <summary>The kind of each byte where a token begins.</summary>
    public static readonly SqlByteKind[] Kinds = BuildKinds();

    /// <summary>What ends a word, for long ones.</summary>
    public static readonly SearchValues<byte> WordEnds = SearchValues.Create([.. " []{}<>:\\?=@!#~+-*/&|^%(),';\t\n\v\f\r\"\0"u8, NoBreakSpace]);

    /// <summary>For each byte its upper case where a word goes on with it, 0 where the word ends before it. Made from <see cref="WordEnds"/>, so it stands behind it.</summary>
    public static readonly byte[] WordUpper = BuildWordUpper();

    /// <summary>What ends the name of a variable.</summary>
    public static readonly SearchValues<byte> VariableEnds = SearchValues.Create(" <>:\\?=@!#~+-*/&|^%(),';\t\n\v\f\r'`\"\0"u8);

    // A zero byte goes with every kind of digits: it is so in the reference.
    public static readonly SearchValues<byte> BinaryDigits = SearchValues.Create("01\0"u8);
    public static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789ABCDEFabcdef\0"u8);
    public static readonly SearchValues<byte> MoneyDigits = SearchValues.Create("0123456789.,\0"u8);
    public static readonly SearchValues<byte> TagLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ\0"u8);

    /// <summary>White space behind <c>--</c> and behind a number; fewer bytes than what separates tokens.</summary>
    public static bool IsWhite(byte value) => value is (byte)' ' or >= (byte)'\t' and <= (byte)'\r' or 0 or NoBreakSpace;

    private static SqlByteKind[] BuildKinds()
    {
        var kinds = new SqlByteKind[256];
        for (var control = 0; control <= ' '; control++)
            kinds[control] = SqlByteKind.White;
        kinds[0x7F] = kinds[NoBreakSpace] = SqlByteKind.White;
        Set(".0123456789"u8, SqlByteKind.Number);
        Set("'\""u8, SqlByteKind.Quote);
        Set("`"u8, SqlByteKind.Backquote);
        Set("["u8, SqlByteKind.Bracket);
        Set("(){},;"u8, SqlByteKind.Punctuation);
        Set("%^+~"u8, SqlByteKind.Operator);
        Set("!&*:<=>|"u8, SqlByteKind.LongOperator);
        Set("-"u8, SqlByteKind.Dash);
        Set("/"u8, SqlByteKind.Slash);
        Set("#"u8, SqlByteKind.Hash);
        Set("\\"u8, SqlByteKind.Backslash);
        Set("@"u8, SqlByteKind.Variable);
        Set("$"u8, SqlByteKind.Money);
        Set("?]"u8, SqlByteKind.Other);
        Set("bB"u8, SqlByteKind.BinaryLiteral);
        Set("xX"u8, SqlByteKind.HexLiteral);
        Set("eE"u8, SqlByteKind.EscapedText);
        Set("nN"u8, SqlByteKind.NationalText);
        Set("qQ"u8, SqlByteKind.OracleText);
        Set("uU"u8, SqlByteKind.UnicodeText);
        return kinds;

        void Set(ReadOnlySpan<byte> bytes, SqlByteKind kind)
        {
            foreach (var one in bytes)
                kinds[one] = kind;
        }
    }

    private static byte[] BuildWordUpper()
    {
        var upper = new byte[256];
        for (var one = 0; one < 256; one++)
        {
            if (!WordEnds.Contains((byte)one))
                upper[one] = char.IsAsciiLetterLower((char)one) ? (byte)(one - 0x20) : (byte)one;
        }

        return upper;
    }
}
