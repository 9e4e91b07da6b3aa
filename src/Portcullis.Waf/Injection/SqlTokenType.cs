namespace Portcullis.Waf.Injection;

/// <summary>What a token of SQL is. The value is the type's letter in fingerprints.</summary>
internal enum SqlTokenType : byte
{
    None = 0,
    Keyword = (byte)'k',
    Union = (byte)'U',

    /// <summary>What groups or orders rows: <c>GROUP BY</c>, <c>LIMIT</c>.</summary>
    Grouping = (byte)'B',

    /// <summary>What an expression follows: <c>SELECT</c>, <c>CASE</c>.</summary>
    Expression = (byte)'E',

    /// <summary>The name of a data type or character set.</summary>
    DataType = (byte)'t',
    Function = (byte)'f',

    /// <summary>A name without meaning of its own: a column, a table.</summary>
    Bareword = (byte)'n',
    Number = (byte)'1',
    Variable = (byte)'v',
    Text = (byte)'s',
    Operator = (byte)'o',
    LogicalOperator = (byte)'&',
    Comment = (byte)'c',
    Collation = (byte)'A',
    OpeningParenthesis = (byte)'(',
    ClosingParenthesis = (byte)')',
    OpeningBrace = (byte)'{',
    ClosingBrace = (byte)'}',
    Dot = (byte)'.',
    Comma = (byte)',',
    Colon = (byte)':',
    Semicolon = (byte)';',

    /// <summary>What starts a statement of Transact-SQL.</summary>
    Statement = (byte)'T',
    Unknown = (byte)'?',

    /// <summary>What servers read so differently that the value is refused for it alone.</summary>
    Evil = (byte)'X',
    Backslash = (byte)'\\',
}
