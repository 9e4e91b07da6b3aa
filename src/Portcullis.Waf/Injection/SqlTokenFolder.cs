namespace Portcullis.Waf.Injection;

/// <summary>
/// Folds the tokens of a value to at most five: what is alike to SQL becomes alike to the fingerprint (<c>1+2*3</c> is a number,
/// <c>union all</c> is UNION). It looks at two or three neighbouring tokens at a time and starts over where one of them changed.
/// Tokens that a rule absorbs leave the window at its newest end, wherever the pair stands; the published fingerprints were made so.
/// </summary>
internal ref struct SqlTokenFolder
{
    /// <summary>Types in a fingerprint, at most.</summary>
    public const int MaximumTokens = 5;

    /// <summary>One more, which helps to tell the type of the fifth.</summary>
    public const int WindowSize = MaximumTokens + 1;

    private readonly Span<SqlToken> window;
    private SqlTokenizer tokenizer;
    private SqlToken lastComment;
    private bool hasMore = true;

    /// <summary>Tokens in the window.</summary>
    private int count;

    /// <summary>Where the pair or triple in question begins; what is before it is done with.</summary>
    private int left;

    /// <param name="tokenizer">Where tokens come from.</param>
    /// <param name="window">Room for <see cref="WindowSize"/> tokens.</param>
    public SqlTokenFolder(in SqlTokenizer tokenizer, Span<SqlToken> window)
    {
        this.tokenizer = tokenizer;
        this.window = window[..WindowSize];
    }

    private enum Outcome
    {
        /// <summary>No rule applied.</summary>
        Unchanged,

        /// <summary>A rule changed the window: look again.</summary>
        Changed,

        /// <summary>The tokens up to the second of the pair are the result.</summary>
        Finished,
    }

    /// <summary>As <see cref="SqlTokenizer.Count"/>.</summary>
    public readonly int TokensRead => tokenizer.Count;

    /// <summary>As <see cref="SqlTokenizer.DependsOnDialect"/>.</summary>
    public readonly bool DependsOnDialect => tokenizer.DependsOnDialect;

    /// <summary>Folds the whole value, or as much of it as decides; gives the number of tokens that are left at the start of the window.</summary>
    public int Fold()
    {
        if (!SkipOpening())
            return 0;

        while (true)
        {
            if (count >= MaximumTokens && IsPlainCalculation())
                DropCalculation();
            if (!hasMore || left >= MaximumTokens)
                break;

            if (!Fill(2))
                continue;
            var outcome = FoldPair(ref window[left], ref window[left + 1]);
            if (outcome == Outcome.Finished)
                return left + 2;
            if (outcome == Outcome.Changed || !Fill(3))
                continue;
            if (FoldTriple(ref window[left], ref window[left + 1], ref window[left + 2]) == Outcome.Unchanged)
                left++;
        }

        // A comment at the end counts, as far as there is room.
        if (count < MaximumTokens && lastComment.Type == SqlTokenType.Comment)
            window[count++] = lastComment;
        return Math.Min(count, MaximumTokens);
    }

    /// <summary>Passes what means nothing at the start: comments, opening parentheses, data types, signs. False if there is nothing else.</summary>
    private bool SkipOpening()
    {
        while (tokenizer.Next(out window[0]))
        {
            if (window[0].Type is not (SqlTokenType.Comment or SqlTokenType.OpeningParenthesis or SqlTokenType.DataType) && !window[0].IsUnary)
            {
                count = 1;
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads until so many tokens begin at the left end. If there are not as many, all are done with. Comments between tokens are passed.</summary>
    private bool Fill(int wanted)
    {
        while (hasMore && count < WindowSize && count - left < wanted)
        {
            hasMore = tokenizer.Next(out window[count]);
            if (!hasMore)
                break;
            if (window[count].Type == SqlTokenType.Comment)
            {
                lastComment = window[count];
            }
            else
            {
                lastComment = default;
                count++;
            }
        }

        if (count - left >= wanted)
            return true;
        left = count;
        return false;
    }

    /// <summary><c>1+(2)</c>, <c>a=(1)</c>, <c>1),(2</c>, <c>a)=(b</c>: the beginning of a longer calculation.</summary>
    private readonly bool IsPlainCalculation()
    {
        var (first, second, third, fourth, fifth) = (window[0].Type, window[1].Type, window[2].Type, window[3].Type, window[4].Type);
        return (first, third) switch
        {
            (SqlTokenType.Number, SqlTokenType.OpeningParenthesis)
                => second is SqlTokenType.Operator or SqlTokenType.Comma && fourth == SqlTokenType.Number && fifth == SqlTokenType.ClosingParenthesis,
            (SqlTokenType.Bareword, SqlTokenType.OpeningParenthesis)
                => second == SqlTokenType.Operator && fourth is SqlTokenType.Bareword or SqlTokenType.Number && fifth == SqlTokenType.ClosingParenthesis,
            (SqlTokenType.Number, SqlTokenType.Comma)
                => second == SqlTokenType.ClosingParenthesis && fourth == SqlTokenType.OpeningParenthesis && fifth == SqlTokenType.Number,
            (SqlTokenType.Bareword, SqlTokenType.Operator)
                => second == SqlTokenType.ClosingParenthesis && fourth == SqlTokenType.OpeningParenthesis && fifth == SqlTokenType.Bareword,
            _ => false,
        };
    }

    private void DropCalculation()
    {
        if (count > MaximumTokens)
            window[1] = window[MaximumTokens];
        count = count > MaximumTokens ? 2 : 1;
        left = 0;
    }

    private Outcome FoldPair(ref SqlToken first, ref SqlToken second)
    {
        switch (first.Type)
        {
            // Neighbouring texts are one text, repeated semicolons one semicolon.
            case SqlTokenType.Text when second.Type == SqlTokenType.Text:
            case SqlTokenType.Semicolon when second.Type == SqlTokenType.Semicolon:
                return Drop(1, left);

            // Signs and types behind an operator or a parenthesis change nothing.
            case SqlTokenType.Operator or SqlTokenType.LogicalOperator when second.IsUnary || second.Type == SqlTokenType.DataType:
                return Drop(1, 0);
            case SqlTokenType.OpeningParenthesis when second.IsUnary:
                return Drop(1, Math.Max(left - 1, 0));
            case var _ when IsPhrase(ref first, second):
                return Drop(1, Math.Max(left - 1, 0));

            // In Transact-SQL a statement may begin with IF, elsewhere it is a function.
            case SqlTokenType.Semicolon when second.Type == SqlTokenType.Function && second.Has(SqlWordTraits.If):
                second.Type = SqlTokenType.Statement;
                return Outcome.Changed;

            case SqlTokenType.Bareword or SqlTokenType.Variable when second.Type == SqlTokenType.OpeningParenthesis && first.Has(SqlWordTraits.NameOrFunction):
                first.Type = SqlTokenType.Function;
                return Outcome.Changed;

            // IN compares where a list follows; elsewhere it may be part of a phrase, or nothing.
            case SqlTokenType.Keyword when first.Has(SqlWordTraits.Membership):
                first.Type = second.Type == SqlTokenType.OpeningParenthesis ? SqlTokenType.Operator : SqlTokenType.Bareword;
                return Outcome.Changed;

            case SqlTokenType.Operator when first.Has(SqlWordTraits.Likeness):
                if (second.Type == SqlTokenType.OpeningParenthesis)
                    first.Type = SqlTokenType.Function;
                return Outcome.Unchanged;

            case SqlTokenType.DataType when IsTyped(second.Type):
                first = second;
                return Drop(1, 0);

            // There are too many collations to list; their names have an underscore.
            case SqlTokenType.Collation when second.Type == SqlTokenType.Bareword:
                if (HasUnderscore(second))
                {
                    second.Type = SqlTokenType.DataType;
                    left = 0;
                }

                return Outcome.Unchanged;

            // SQL Server reads \%1 as 0 % 1, and \1 as 1.
            case SqlTokenType.Backslash:
                if (second.Type == SqlTokenType.Operator && second.Has(SqlWordTraits.Arithmetic))
                {
                    first.Type = SqlTokenType.Number;
                    return Drop(0, 0);
                }

                first = second;
                return Drop(1, 0);

            case SqlTokenType.OpeningParenthesis when second.Type == SqlTokenType.OpeningParenthesis:
            case SqlTokenType.ClosingParenthesis when second.Type == SqlTokenType.ClosingParenthesis:
                return Drop(1, 0);

            // MySQL and ODBC read {name value} as the value; with an empty name in backquotes nobody can tell.
            case SqlTokenType.OpeningBrace when second.Type == SqlTokenType.Bareword:
                if (second.Length > 0)
                    return Drop(2, 0);
                second.Type = SqlTokenType.Evil;
                return Outcome.Finished;

            default:
                return second.Type == SqlTokenType.ClosingBrace ? Drop(1, 0) : Outcome.Unchanged;
        }
    }

    private Outcome FoldTriple(ref SqlToken first, ref SqlToken second, ref SqlToken third)
    {
        if (IsAbsorbed(first, second, third))
            return Drop(2, 0);

        switch (first.Type)
        {
            case SqlTokenType.Expression or SqlTokenType.Grouping or SqlTokenType.Comma when second.IsUnary && third.Type == SqlTokenType.OpeningParenthesis:
            case SqlTokenType.Keyword or SqlTokenType.Expression or SqlTokenType.Grouping when second.IsUnary && (IsOperand(third.Type) || third.Type == SqlTokenType.Function):
            case SqlTokenType.Comma when second.IsUnary && third.Type == SqlTokenType.Function:
            case SqlTokenType.Expression when second.Type == SqlTokenType.Dot && third.Type == SqlTokenType.Bareword:
                second = third;
                return Drop(1, 0);

            // 1,-2 becomes 1: the comma goes as well, and what is before it is looked at again.
            case SqlTokenType.Comma when second.IsUnary && IsOperand(third.Type):
                second = third;
                return Drop(3, 0);

            // USER takes no arguments, so with some it is a name.
            case SqlTokenType.Function when second.Type == SqlTokenType.OpeningParenthesis && third.Type != SqlTokenType.ClosingParenthesis && first.Has(SqlWordTraits.User):
                first.Type = SqlTokenType.Bareword;
                return Outcome.Unchanged;

            default:
                return Outcome.Unchanged;
        }
    }

    /// <summary>Whether the second and third token add nothing to the first: <c>1+2</c>, <c>a=b</c>, <c>'a'::text</c>, <c>1,2</c>, <c>a.b</c>.</summary>
    private static bool IsAbsorbed(in SqlToken first, in SqlToken second, in SqlToken third)
    {
        switch (second.Type)
        {
            case SqlTokenType.Operator when first.Type is SqlTokenType.Number or SqlTokenType.Bareword && third.Type is SqlTokenType.Number or SqlTokenType.Bareword:
            case SqlTokenType.Operator when first.Type == SqlTokenType.Variable && third.Type is SqlTokenType.Number or SqlTokenType.Bareword or SqlTokenType.Variable:
            case SqlTokenType.Operator when second.Has(SqlWordTraits.Cast) && IsOperand(first.Type) && third.Type == SqlTokenType.DataType:
            case SqlTokenType.Comma when IsOperand(first.Type) && IsOperand(third.Type):
            case SqlTokenType.Dot when first.Type == SqlTokenType.Bareword && third.Type == SqlTokenType.Bareword:
                return true;
            default:
                return (first.Type == SqlTokenType.Operator && second.Type != SqlTokenType.OpeningParenthesis && third.Type == SqlTokenType.Operator)
                    || (first.Type == SqlTokenType.LogicalOperator && third.Type == SqlTokenType.LogicalOperator);
        }
    }

    /// <summary>Takes the newest tokens off the window and goes on at another place.</summary>
    private Outcome Drop(int tokens, int next)
    {
        count -= tokens;
        left = next;
        return Outcome.Changed;
    }

    /// <summary>Makes the first token the phrase that both are together, if they are one.</summary>
    private static bool IsPhrase(ref SqlToken first, in SqlToken second)
    {
        if (!first.Has(SqlWordTraits.OpensPhrase) || !second.Has(SqlWordTraits.ClosesPhrase))
            return false;
        if (!IsPartOfPhrase(first.Type) || !(IsPartOfPhrase(second.Type) || second.Type == SqlTokenType.LogicalOperator))
            return false;
        var word = SqlWords.FindPhrase(first.Word, second.Word);
        if (word == 0)
            return false;
        var phrase = SqlWords.Get(word);
        first.Type = phrase.Type;
        first.Word = (ushort)word;
        first.Traits = phrase.Traits;
        first.Length = (byte)phrase.Text.Length;
        return true;
    }

    private static bool IsPartOfPhrase(SqlTokenType type)
        => type is SqlTokenType.Keyword or SqlTokenType.Bareword or SqlTokenType.Operator or SqlTokenType.Union or SqlTokenType.Function
            or SqlTokenType.Expression or SqlTokenType.Statement or SqlTokenType.DataType;

    private static bool IsOperand(SqlTokenType type)
        => type is SqlTokenType.Number or SqlTokenType.Bareword or SqlTokenType.Variable or SqlTokenType.Text;

    /// <summary>Whether a data type may stand before it without meaning.</summary>
    private static bool IsTyped(SqlTokenType type)
        => IsOperand(type) || type is SqlTokenType.DataType or SqlTokenType.OpeningParenthesis or SqlTokenType.Function;

    private readonly bool HasUnderscore(in SqlToken name)
    {
        var text = name.Word != 0 ? SqlWords.Get(name.Word).Text : tokenizer.TextOf(name);
        var underscore = text.IndexOfAny((byte)'_', (byte)0);
        return underscore >= 0 && text[underscore] == '_';
    }
}
