namespace Portcullis.Waf.Injection;

/// <summary>What folding asks of a word or an operator besides its type.</summary>
[Flags]
internal enum SqlWordTraits : ushort
{
    None = 0,

    /// <summary>Another word after it may make a phrase, as in <c>UNION ALL</c>.</summary>
    OpensPhrase = 1,

    /// <summary>It may end such a phrase.</summary>
    ClosesPhrase = 2,

    /// <summary><c>+ - ! ~ !! NOT</c>, where they are operators.</summary>
    Unary = 4,

    /// <summary><c>* / - + %</c></summary>
    Arithmetic = 8,

    /// <summary><c>IN</c>, <c>NOT IN</c></summary>
    Membership = 16,

    /// <summary><c>LIKE</c>, <c>NOT LIKE</c></summary>
    Likeness = 32,

    /// <summary>A function where a parenthesis follows, otherwise a name.</summary>
    NameOrFunction = 64,

    /// <summary><c>USER</c></summary>
    User = 128,

    /// <summary>It begins with <c>IF</c>.</summary>
    If = 256,

    /// <summary><c>INTO</c> with more behind it.</summary>
    IntoFile = 512,

    /// <summary><c>::</c></summary>
    Cast = 1024,
}
