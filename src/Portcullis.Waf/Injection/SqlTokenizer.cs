namespace Portcullis.Waf.Injection;

/// <summary>
/// Cuts a value into tokens of SQL, as several servers at once would: what any of them accepts is a token. It never fails, only goes forward
/// and looks at each byte a bounded number of times. Literals and words stand in files of their own.
/// </summary>
internal ref partial struct SqlTokenizer
{
    private readonly ReadOnlySpan<byte> value;
    private readonly SqlDialect dialect;

    /// <summary>The quote that the value is taken to stand behind, 0 for none; 0 also once the text that it begins is read.</summary>
    private byte quoteBefore;
    private int position;
    private SqlToken token;

    public SqlTokenizer(ReadOnlySpan<byte> value, byte quoteBefore, SqlDialect dialect)
    {
        this.value = value;
        this.quoteBefore = quoteBefore;
        this.dialect = dialect;
    }

    /// <summary>How many tokens there were so far.</summary>
    public int Count { get; private set; }

    /// <summary>Whether something was met that the other dialect reads in another way.</summary>
    public bool DependsOnDialect { get; private set; }

    /// <summary>The part of the value that a token is.</summary>
    public readonly ReadOnlySpan<byte> TextOf(in SqlToken read) => value.Slice(read.Start, read.Length);

    /// <summary>The next token; false and an empty one at the end.</summary>
    public bool Next(out SqlToken next)
    {
        token = default;
        if (quoteBefore != 0)
        {
            position = ReadQuoted(0, 0, quoteBefore);
            quoteBefore = 0;
            return Found(out next);
        }

        var kinds = SqlBytes.Kinds;
        while (position < value.Length)
        {
            var kind = kinds[value[position]];
            if (kind != SqlByteKind.White)
            {
                position = Read(kind, position);
                return Found(out next);
            }

            position++;
        }

        next = default;
        return false;
    }

    private bool Found(out SqlToken next)
    {
        Count++;
        next = token;
        return true;
    }

    /// <summary>Reads the token at a place, whose first byte is of that kind; gives the place behind it.</summary>
    private int Read(SqlByteKind kind, int at) => kind switch
    {
        SqlByteKind.Word => ReadWord(at),
        SqlByteKind.Number => ReadNumber(at),
        SqlByteKind.Quote => ReadQuoted(at, 1, value[at]),
        SqlByteKind.Backquote => ReadBackquoted(at),
        SqlByteKind.Bracket => ReadBracketed(at),
        SqlByteKind.Punctuation => ReadSingle((SqlTokenType)value[at], at),
        SqlByteKind.Operator => ReadOperator(at),
        SqlByteKind.LongOperator => ReadLongOperator(at),
        SqlByteKind.Dash => ReadDash(at),
        SqlByteKind.Slash => ReadSlash(at),
        SqlByteKind.Hash => ReadHash(at),
        SqlByteKind.Backslash => ReadBackslash(at),
        SqlByteKind.Variable => ReadVariable(at),
        SqlByteKind.Money => ReadMoney(at),
        SqlByteKind.BinaryLiteral => ReadDigitsLiteral(at, SqlBytes.BinaryDigits),
        SqlByteKind.HexLiteral => ReadDigitsLiteral(at, SqlBytes.HexDigits),
        SqlByteKind.EscapedText => ReadPrefixedText(at),
        SqlByteKind.NationalText => ReadNationalText(at),
        SqlByteKind.OracleText => ReadOracleText(at, at),
        SqlByteKind.UnicodeText => ReadUnicodeText(at),
        _ => ReadSingle(SqlTokenType.Unknown, at),
    };

    private readonly bool Is(int at, byte expected) => (uint)at < (uint)value.Length && value[at] == expected;

    private int ReadSingle(SqlTokenType type, int at) => Take(type, at, 1);

    /// <summary>Makes the token and gives the place behind it.</summary>
    private int Take(SqlTokenType type, int start, int length)
    {
        token = new SqlToken(type, start, length);
        return start + length;
    }

    private int ReadOperator(int at)
    {
        var end = Take(SqlTokenType.Operator, at, 1);
        token.Traits = value[at] switch
        {
            (byte)'+' or (byte)'-' => SqlWordTraits.Unary | SqlWordTraits.Arithmetic,
            (byte)'!' or (byte)'~' => SqlWordTraits.Unary,
            (byte)'*' or (byte)'/' or (byte)'%' => SqlWordTraits.Arithmetic,
            _ => SqlWordTraits.None,
        };
        return end;
    }

    private int ReadLongOperator(int at)
    {
        if (value[at..].StartsWith("<=>"u8))
            return Take(SqlTokenType.Operator, at, 3);

        if (at + 1 < value.Length)
        {
            var word = SqlWords.Find(value.Slice(at, 2));
            if (word != 0)
            {
                var end = Take(SqlWords.Get(word).Type, at, 2);
                token.Traits = SqlWords.Get(word).Traits;
                return end;
            }

            if (value[at] == ':')
                return ReadSingle(SqlTokenType.Colon, at);
        }

        return ReadOperator(at);
    }

    private int ReadDash(int at)
    {
        if (!Is(at + 1, (byte)'-'))
            return ReadOperator(at);
        if (at + 2 == value.Length || SqlBytes.IsWhite(value[at + 2]))
            return ReadLineComment(at);

        // For MySQL these are two signs, for the others a comment.
        if (dialect == SqlDialect.MySql)
            return ReadOperator(at);
        DependsOnDialect = true;
        return ReadLineComment(at);
    }

    private int ReadHash(int at)
    {
        DependsOnDialect = true;
        return dialect == SqlDialect.MySql ? ReadLineComment(at) : ReadOperator(at);
    }

    private int ReadLineComment(int at)
    {
        var length = value[at..].IndexOf((byte)'\n');
        return length < 0 ? Take(SqlTokenType.Comment, at, value.Length - at) : Take(SqlTokenType.Comment, at, length) + 1;
    }

    /// <summary>
    /// A division, or a comment. PostgreSQL nests comments and MySQL runs what stands in <c>/*! */</c>: where either is seen no reading is right.
    /// </summary>
    private int ReadSlash(int at)
    {
        if (!Is(at + 1, (byte)'*'))
            return ReadOperator(at);

        var inside = value[(at + 2)..];
        var end = inside.IndexOf("*/"u8);
        var isEvil = Is(at + 2, (byte)'!') || (end >= 0 && inside[..(end + 1)].IndexOf("/*"u8) >= 0);
        return Take(isEvil ? SqlTokenType.Evil : SqlTokenType.Comment, at, end < 0 ? value.Length - at : end + 4);
    }

    /// <summary><c>\N</c> is a NULL of MySQL.</summary>
    private int ReadBackslash(int at)
        => Is(at + 1, (byte)'N') ? Take(SqlTokenType.Number, at, 2) : ReadSingle(SqlTokenType.Backslash, at);
}
