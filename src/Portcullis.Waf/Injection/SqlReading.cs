namespace Portcullis.Waf.Injection;

/// <summary>One reading of a value: its folded tokens, its fingerprint, and whether that is an injection.</summary>
internal ref struct SqlReading
{
    private readonly ReadOnlySpan<byte> value;
    private readonly Span<SqlToken> tokens;
    private ulong fingerprint;
    private int length;
    private int tokensRead;

    public SqlReading(ReadOnlySpan<byte> value, Span<SqlToken> window)
    {
        this.value = value;
        tokens = window;
    }

    /// <summary>Whether the last reading met something that the other dialect reads in another way.</summary>
    public bool DependsOnDialect { get; private set; }

    /// <summary>Reads the value behind a quote (0: none) in a dialect.</summary>
    public bool IsInjection(byte quoteBefore, SqlDialect dialect)
    {
        var folder = new SqlTokenFolder(new SqlTokenizer(value, quoteBefore, dialect), tokens);
        length = folder.Fold();
        tokensRead = folder.TokensRead;
        DependsOnDialect = folder.DependsOnDialect;

        TurnOpenBackquoteToComment();
        fingerprint = 0;
        for (var i = 0; i < length; i++)
        {
            if (tokens[i].Type == SqlTokenType.Evil)
            {
                length = 1;
                fingerprint = (ulong)SqlTokenType.Evil;
                break;
            }

            fingerprint = SqlFingerprints.Append(fingerprint, i, tokens[i].Type);
        }

        return SqlFingerprints.Contains(fingerprint) && (!LooksHarmless() || HidesFromAudit());
    }

    /// <summary>Copies the fingerprint of the last reading; gives its length.</summary>
    public readonly int CopyFingerprint(Span<byte> destination)
    {
        for (var i = 0; i < length; i++)
            destination[i] = (byte)(fingerprint >> (8 * i));
        return length;
    }

    /// <summary>A lonely backquote at the end comments out what follows, in MySQL as PHP uses it.</summary>
    private readonly void TurnOpenBackquoteToComment()
    {
        if (length <= 2)
            return;
        ref var last = ref tokens[length - 1];
        if (last is { Type: SqlTokenType.Bareword, Opening: (byte)'`', Closing: 0, Length: 0 })
            last.Type = SqlTokenType.Comment;
    }

    /// <summary>SQL Server leaves a statement out of its log where <c>sp_password</c> is in it, so nobody writes it into a comment without intent.</summary>
    private readonly bool HidesFromAudit()
        => length > 1 && tokens[length - 1].Type == SqlTokenType.Comment && value.IndexOf("sp_password"u8) >= 0;

    /// <summary>Short fingerprints come up in plain text as well; these are the signs of it.</summary>
    private readonly bool LooksHarmless() => length switch
    {
        2 => IsHarmlessPair(tokens[0], tokens[1]),
        3 => IsHarmlessTriple(tokens[0], tokens[1], tokens[2]),
        _ => false,
    };

    private readonly bool IsHarmlessPair(in SqlToken first, in SqlToken second)
    {
        // "1 union": with nothing more it is a sentence.
        if (second.Type == SqlTokenType.Union)
            return tokensRead == 2;

        // The only other type in second place of a fingerprint of two is a comment.
        var sign = value[second.Start];
        if (sign == '#')
            return true;
        return first.Type switch
        {
            SqlTokenType.Bareword when sign != '/' => true,
            SqlTokenType.Number when sign == '/' => false,
            SqlTokenType.Number => tokensRead <= 2 && !EndsNumber(value[first.Length..]),

            // People write dashes between words; an attack ends with them.
            _ => sign == '-' && second.Length > 2,
        };
    }

    /// <summary>
    /// Whether a number ends in the way of an attack. It is for values like <c>1234-ABCDEF--</c>, whose tokens fold to a number and a comment.
    /// The reference counts bytes from 0x80 as white space here.
    /// </summary>
    private static bool EndsNumber(ReadOnlySpan<byte> rest)
        => rest is [<= (byte)' ' or >= 0x80, ..] || rest.StartsWith("/*"u8) || rest.StartsWith("--"u8);

    private readonly bool IsHarmlessTriple(in SqlToken first, in SqlToken second, in SqlToken third)
    {
        // ..foo' + 'bar..: an injection if both quotes are of the same kind, and the outer ones are not in the value.
        if (first.Type == SqlTokenType.Text && third.Type == SqlTokenType.Text && second.Type is SqlTokenType.Operator or SqlTokenType.LogicalOperator)
            return first.Opening != 0 || third.Closing != 0 || first.Closing != third.Opening;

        return second.Type switch
        {
            // "sexy and 17" is a sentence, "sexy and 17<18" is not.
            SqlTokenType.LogicalOperator => tokensRead == 3 && (first.Type, third.Type) is (SqlTokenType.Text, SqlTokenType.Bareword) or (SqlTokenType.Bareword, SqlTokenType.Number)
                or (SqlTokenType.Number, SqlTokenType.Number or SqlTokenType.Variable or SqlTokenType.Text),

            // Of the keywords here only INTO OUTFILE and INTO DUMPFILE do harm.
            SqlTokenType.Keyword => !second.Has(SqlWordTraits.IntoFile),
            _ => false,
        };
    }
}
