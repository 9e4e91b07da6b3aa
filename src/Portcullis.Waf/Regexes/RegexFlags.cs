namespace Portcullis.Waf.Regexes;

/// <summary>What an inline option such as <c>(?i)</c> switches.</summary>
[Flags]
internal enum RegexFlags
{
    None = 0,

    /// <summary><c>i</c>: letters match both cases.</summary>
    IgnoreCase = 1,

    /// <summary><c>m</c>: <c>^</c> and <c>$</c> match at line ends.</summary>
    Multiline = 2,

    /// <summary><c>s</c>: <c>.</c> matches a line feed. Set from the start, as ModSecurity does.</summary>
    DotAll = 4,

    /// <summary><c>x</c>: white space and comments are ignored.</summary>
    Extended = 8,

    /// <summary><c>xx</c>: in classes as well, as far as it is space and tab.</summary>
    ExtendedMore = 16,

    /// <summary><c>U</c>: quantifiers are lazy unless a <c>?</c> follows.</summary>
    Ungreedy = 32,

    /// <summary><c>n</c>: plain parentheses don't capture.</summary>
    NoCapture = 64,

    /// <summary><c>J</c>: a name may stand twice.</summary>
    DuplicateNames = 128,
}
