namespace Portcullis.Waf.Injection;

/// <summary>What a byte can begin where a token begins.</summary>
internal enum SqlByteKind : byte
{
    Word,
    White,
    Number,
    Quote,
    Backquote,
    Bracket,

    /// <summary>A token of its own whose type is the byte: parentheses, braces, comma, semicolon.</summary>
    Punctuation,

    /// <summary>An operator of one byte.</summary>
    Operator,

    /// <summary>An operator of one byte, or of two or three together with those that follow.</summary>
    LongOperator,
    Dash,
    Slash,
    Hash,
    Backslash,
    Variable,
    Money,
    Other,

    /// <summary><c>b'01'</c>, or a word.</summary>
    BinaryLiteral,

    /// <summary><c>x'0F'</c>, or a word.</summary>
    HexLiteral,

    /// <summary><c>e'..'</c>, or a word.</summary>
    EscapedText,

    /// <summary><c>n'..'</c>, <c>nq'[..]'</c>, or a word.</summary>
    NationalText,

    /// <summary><c>q'[..]'</c>, or a word.</summary>
    OracleText,

    /// <summary><c>u&amp;'..'</c>, or a word.</summary>
    UnicodeText,
}
