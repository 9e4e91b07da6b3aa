namespace Portcullis.Waf.Injection;

/// <summary>Words, quoted names and variables.</summary>
internal ref partial struct SqlTokenizer
{
    /// <summary>
    /// A word goes on over points and backquotes, for a server may take them as part of a name. Where what stands before one is a known
    /// word other than a name, as in <c>SELECT.1</c> or <c>SELECT`a`</c>, the token ends there.
    /// </summary>
    private int ReadWord(int at)
    {
        var rest = value[at..];
        var upper = SqlBytes.WordUpper;
        var hash = SqlWords.EmptyHash;
        var length = 0;
        for (; length < rest.Length; length++)
        {
            var one = upper[rest[length]];
            if (one == 0)
                break;
            if (length == SqlToken.MaximumLength)
                return Take(SqlTokenType.Bareword, at, LongWord(rest));
            if (one is (byte)'.' or (byte)'`')
            {
                var before = SqlWords.Find(rest[..length], hash);
                if (SqlWords.Get(before).Type is not (SqlTokenType.None or SqlTokenType.Bareword))
                    return TakeWord(before, at, length);
            }

            hash = SqlWords.Extend(hash, one);
        }

        return TakeWord(SqlWords.Find(rest[..length], hash), at, length);
    }

    private static int LongWord(ReadOnlySpan<byte> rest)
    {
        var more = rest[SqlToken.MaximumLength..].IndexOfAny(SqlBytes.WordEnds);
        return more < 0 ? rest.Length : SqlToken.MaximumLength + more;
    }

    private int TakeWord(int word, int at, int length)
    {
        var entry = SqlWords.Get(word);
        var end = Take(entry.Type == SqlTokenType.None ? SqlTokenType.Bareword : entry.Type, at, length);
        token.Word = (ushort)word;
        token.Traits = entry.Traits;
        return end;
    }

    /// <summary>Notes the word that a quoted name is, for phrases and functions that are written so.</summary>
    private void NoteWord()
    {
        token.Word = (ushort)SqlWords.Find(value.Slice(token.Start, token.Length));
        token.Traits = SqlWords.Get(token.Word).Traits;
    }

    /// <summary>A name in the quotes of MySQL, which calls functions written so as well.</summary>
    private int ReadBackquoted(int at)
    {
        var end = ReadQuoted(at, 1, (byte)'`');
        NoteWord();
        token.Type = SqlWords.Get(token.Word).Type == SqlTokenType.Function ? SqlTokenType.Function : SqlTokenType.Bareword;
        return end;
    }

    /// <summary>A name in the brackets of SQL Server; they stay part of it.</summary>
    private int ReadBracketed(int at)
    {
        var length = value[at..].IndexOf((byte)']') + 1;
        return Take(SqlTokenType.Bareword, at, length == 0 ? value.Length - at : length);
    }

    /// <summary><c>@a</c>, <c>@@a</c>, <c>@`a`</c>, <c>@'a'</c>; the name may be empty.</summary>
    private int ReadVariable(int at)
    {
        at += Is(at + 1, (byte)'@') ? 2 : 1;
        int end;
        if (at < value.Length && value[at] is (byte)'`' or (byte)'\'' or (byte)'"')
        {
            end = ReadQuoted(at, 1, value[at]);
            token.Type = SqlTokenType.Variable;
        }
        else
        {
            var length = value[at..].IndexOfAny(SqlBytes.VariableEnds);
            end = Take(SqlTokenType.Variable, at, length < 0 ? value.Length - at : length);
        }

        NoteWord();
        return end;
    }
}
