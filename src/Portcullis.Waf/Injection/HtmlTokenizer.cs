namespace Portcullis.Waf.Injection;

/// <summary>
/// Cuts a value into tokens of HTML: the states of HTML 5's tokeniser (section 13.2.5 of the standard) that matter to attacks, and what old
/// browsers did besides: back quotes, <c>&lt;% %&gt;</c>, zero bytes. It starts in the state of a context. It never fails and only goes forward.
/// </summary>
internal ref struct HtmlTokenizer
{
    /// <summary>The reference takes this byte for the end wherever it skips white space.</summary>
    private const byte ReadAsEnd = 0xFF;

    private readonly ReadOnlySpan<byte> value;
    private State state;
    private int position;

    /// <summary>A tag began with <c>&lt;/</c>. It stays set over <c>&lt;/&gt;</c>, as in the reference.</summary>
    private bool isEndTag;

    public HtmlTokenizer(ReadOnlySpan<byte> value, HtmlContext context)
    {
        this.value = value;
        state = context switch
        {
            HtmlContext.Data => State.Data,
            HtmlContext.Tag => State.BeforeAttributeName,
            HtmlContext.SingleQuoted => State.SingleQuotedValue,
            HtmlContext.DoubleQuoted => State.DoubleQuotedValue,
            _ => State.BackQuotedValue,
        };
    }

    private enum State
    {
        Data,
        TagOpen,
        EndTagOpen,
        TagName,
        TagEnd,
        SelfClosing,
        BeforeAttributeName,
        AttributeName,
        AfterAttributeName,
        BeforeAttributeValue,
        SingleQuotedValue,
        DoubleQuotedValue,
        BackQuotedValue,
        UnquotedValue,
        AfterQuotedValue,
        MarkupDeclaration,
        BogusComment,
        PercentComment,
        Comment,
        CharacterData,
        Doctype,
        End,
    }

    /// <summary>The type of the token that <see cref="Next"/> found.</summary>
    public HtmlTokenType Type { get; private set; }

    /// <summary>Its text, without quotes and delimiters.</summary>
    public ReadOnlySpan<byte> Text { get; private set; }

    /// <summary>Goes to the next token; false at the end.</summary>
    public bool Next()
    {
        while (state != State.End)
        {
            if (Step())
                return true;
        }

        return false;
    }

    /// <summary>Runs one state: goes forward or to another state; true when that made a token.</summary>
    private bool Step() => state switch
    {
        State.Data => ReadData(),
        State.TagOpen => ReadTagOpen(),
        State.EndTagOpen => ReadEndTagOpen(),
        State.TagName => ReadTagName(),
        State.TagEnd => ReadTagEnd(),
        State.SelfClosing => ReadSelfClosing(),
        State.BeforeAttributeName => ReadBeforeAttributeName(),
        State.AttributeName => ReadAttributeName(),
        State.AfterAttributeName => ReadAfterAttributeName(),
        State.BeforeAttributeValue => ReadBeforeAttributeValue(),
        State.SingleQuotedValue => ReadQuotedValue((byte)'\''),
        State.DoubleQuotedValue => ReadQuotedValue((byte)'"'),
        State.BackQuotedValue => ReadQuotedValue((byte)'`'),
        State.UnquotedValue => ReadUnquotedValue(),
        State.AfterQuotedValue => ReadAfterQuotedValue(),
        State.MarkupDeclaration => ReadMarkupDeclaration(),
        State.BogusComment => ReadUntil(HtmlTokenType.Comment, ">"u8),
        State.PercentComment => ReadUntil(HtmlTokenType.Comment, "%>"u8),
        State.Comment => ReadComment(),
        State.CharacterData => ReadUntil(HtmlTokenType.Text, "]]>"u8),
        _ => ReadUntil(HtmlTokenType.Doctype, ">"u8),
    };

    private readonly bool IsAtEnd => position >= value.Length;

    /// <summary>The byte here; the end looks like <see cref="ReadAsEnd"/>.</summary>
    private readonly byte Here => position < value.Length ? value[position] : ReadAsEnd;

    private bool GoTo(State next, int skip = 0)
    {
        position += skip;
        state = next;
        return false;
    }

    /// <summary>Makes the token that ends before a place, and goes on at another.</summary>
    private bool Take(HtmlTokenType type, int end, State next, int nextPosition)
    {
        Type = type;
        Text = value[position..end];
        position = nextPosition;
        state = next;
        return true;
    }

    private bool TakeRest(HtmlTokenType type) => Take(type, value.Length, State.End, value.Length);

    /// <summary>Takes what stands before a mark, or the rest, and goes on behind the mark as between elements.</summary>
    private bool ReadUntil(HtmlTokenType type, ReadOnlySpan<byte> mark)
    {
        var length = value[position..].IndexOf(mark);
        return length < 0 ? TakeRest(type) : Take(type, position + length, State.Data, position + length + mark.Length);
    }

    private bool ReadData()
    {
        var length = value[position..].IndexOf((byte)'<');
        if (length == 0)
            return GoTo(State.TagOpen, 1);
        if (length > 0)
            return Take(HtmlTokenType.Text, position + length, State.TagOpen, position + length + 1);
        return IsAtEnd ? GoTo(State.End) : TakeRest(HtmlTokenType.Text);
    }

    private bool ReadTagOpen()
    {
        if (IsAtEnd)
            return GoTo(State.End);
        switch (value[position])
        {
            case (byte)'!':
                return GoTo(State.MarkupDeclaration, 1);
            case (byte)'/':
                isEndTag = true;
                return GoTo(State.EndTagOpen, 1);
            case (byte)'?':
                return GoTo(State.BogusComment, 1);
            case (byte)'%':
                return GoTo(State.PercentComment, 1);
            case 0:
                return GoTo(State.TagName);
            case var other when char.IsAsciiLetter((char)other):
                return GoTo(State.TagName);
            default:
                // The sign is text, and what follows is read again.
                position--;
                return Take(HtmlTokenType.Text, position + 1, State.Data, position + 1);
        }
    }

    private bool ReadEndTagOpen()
    {
        if (IsAtEnd)
            return GoTo(State.End);
        if (value[position] == '>')
            return GoTo(State.Data);
        if (char.IsAsciiLetter((char)value[position]))
            return GoTo(State.TagName);
        isEndTag = false;
        return GoTo(State.BogusComment);
    }

    /// <summary>Zero bytes are part of the name: old browsers ignored them.</summary>
    private bool ReadTagName()
    {
        var length = value[position..].IndexOfAny(HtmlBytes.TagNameEnds);
        if (length < 0)
            return TakeRest(HtmlTokenType.TagOpen);
        var end = position + length;
        switch (value[end])
        {
            case (byte)'>' when isEndTag:
                isEndTag = false;
                return Take(HtmlTokenType.TagClose, end, State.Data, end + 1);
            case (byte)'>':
                return Take(HtmlTokenType.TagOpen, end, State.TagEnd, end);
            case (byte)'/':
                return Take(HtmlTokenType.TagOpen, end, State.SelfClosing, end + 1);
            default:
                return Take(HtmlTokenType.TagOpen, end, State.BeforeAttributeName, end + 1);
        }
    }

    private bool ReadTagEnd()
    {
        isEndTag = false;
        return Take(HtmlTokenType.TagEnd, position + 1, State.Data, position + 1);
    }

    /// <summary>Behind a slash in a tag.</summary>
    private bool ReadSelfClosing()
    {
        if (IsAtEnd)
            return GoTo(State.End);
        if (value[position] != '>')
            return GoTo(State.BeforeAttributeName);
        position--;
        return Take(HtmlTokenType.TagSelfClosing, position + 2, State.Data, position + 2);
    }

    private void SkipWhite()
    {
        var white = value[position..].IndexOfAnyExcept(HtmlBytes.White);
        position = white < 0 ? value.Length : position + white;
    }

    private bool ReadBeforeAttributeName()
    {
        SkipWhite();
        return Here switch
        {
            ReadAsEnd => GoTo(State.End),
            (byte)'/' => GoTo(State.SelfClosing, 1),
            (byte)'>' => Take(HtmlTokenType.TagEnd, position + 1, State.Data, position + 1),
            _ => GoTo(State.AttributeName),
        };
    }

    /// <summary>The first byte is part of the name whatever it is.</summary>
    private bool ReadAttributeName()
    {
        var length = value[(position + 1)..].IndexOfAny(HtmlBytes.AttributeNameEnds);
        if (length < 0)
            return TakeRest(HtmlTokenType.AttributeName);
        var end = position + 1 + length;
        return value[end] switch
        {
            (byte)'/' => Take(HtmlTokenType.AttributeName, end, State.SelfClosing, end + 1),
            (byte)'=' => Take(HtmlTokenType.AttributeName, end, State.BeforeAttributeValue, end + 1),
            (byte)'>' => Take(HtmlTokenType.AttributeName, end, State.TagEnd, end),
            _ => Take(HtmlTokenType.AttributeName, end, State.AfterAttributeName, end + 1),
        };
    }

    private bool ReadAfterAttributeName()
    {
        SkipWhite();
        return Here switch
        {
            ReadAsEnd => GoTo(State.End),
            (byte)'/' => GoTo(State.SelfClosing, 1),
            (byte)'=' => GoTo(State.BeforeAttributeValue, 1),
            (byte)'>' => GoTo(State.TagEnd),
            _ => GoTo(State.AttributeName),
        };
    }

    private bool ReadBeforeAttributeValue()
    {
        SkipWhite();
        return Here switch
        {
            ReadAsEnd => GoTo(State.End),
            (byte)'\'' => GoTo(State.SingleQuotedValue, 1),
            (byte)'"' => GoTo(State.DoubleQuotedValue, 1),
            (byte)'`' => GoTo(State.BackQuotedValue, 1),
            _ => GoTo(State.UnquotedValue),
        };
    }

    private bool ReadQuotedValue(byte quote)
    {
        var length = value[position..].IndexOf(quote);
        return length < 0
            ? TakeRest(HtmlTokenType.AttributeValue)
            : Take(HtmlTokenType.AttributeValue, position + length, State.AfterQuotedValue, position + length + 1);
    }

    private bool ReadUnquotedValue()
    {
        var length = value[position..].IndexOfAny(HtmlBytes.UnquotedValueEnds);
        if (length < 0)
            return TakeRest(HtmlTokenType.AttributeValue);
        var end = position + length;
        return value[end] == '>'
            ? Take(HtmlTokenType.AttributeValue, end, State.TagEnd, end)
            : Take(HtmlTokenType.AttributeValue, end, State.BeforeAttributeName, end + 1);
    }

    private bool ReadAfterQuotedValue()
    {
        if (IsAtEnd)
            return GoTo(State.End);
        return value[position] switch
        {
            (byte)'/' => GoTo(State.SelfClosing, 1),
            (byte)'>' => Take(HtmlTokenType.TagEnd, position + 1, State.Data, position + 1),
            _ => GoTo(State.BeforeAttributeName),
        };
    }

    /// <summary>Behind <c>&lt;!</c>.</summary>
    private bool ReadMarkupDeclaration()
    {
        var rest = value[position..];
        if (rest.Length >= 7 && System.Text.Ascii.EqualsIgnoreCase(rest[..7], "DOCTYPE"u8))
            return GoTo(State.Doctype);
        if (rest.StartsWith("[CDATA["u8))
            return GoTo(State.CharacterData, 7);
        return rest.StartsWith("--"u8) ? GoTo(State.Comment, 2) : GoTo(State.BogusComment);
    }

    /// <summary>Up to <c>--&gt;</c> or <c>-!&gt;</c>, with any number of zero bytes behind the first dash.</summary>
    private bool ReadComment()
    {
        for (var dash = position; ; dash++)
        {
            var next = value[dash..].IndexOf((byte)'-');
            if (next < 0)
                return TakeRest(HtmlTokenType.Comment);
            dash += next;
            var zeros = value[(dash + 1)..].IndexOfAnyExcept((byte)0);
            if (zeros < 0)
                return TakeRest(HtmlTokenType.Comment);
            var second = dash + 1 + zeros;
            if (value[second] is (byte)'-' or (byte)'!' && second + 1 < value.Length && value[second + 1] == '>')
                return Take(HtmlTokenType.Comment, dash, State.Data, second + 2);
        }
    }
}
