namespace Portcullis.Waf.Regexes;

/// <summary>A condition on the bytes around a position. It consumes nothing.</summary>
internal enum AssertionKind
{
    /// <summary><c>^</c>, <c>\A</c>, <c>\G</c>: before the first byte.</summary>
    Start,

    /// <summary><c>$</c>, <c>\z</c>: behind the last byte. A final line feed does not count as the end: ModSecurity sets PCRE2_DOLLAR_ENDONLY.</summary>
    End,

    /// <summary><c>\Z</c>: behind the last byte, or before a line feed that is the last byte.</summary>
    EndOrFinalLineFeed,

    /// <summary><c>(?m)^</c>: at the start, or behind a line feed that is not the last byte.</summary>
    LineStart,

    /// <summary><c>(?m)$</c>: at the end, or before a line feed.</summary>
    LineEnd,

    WordBoundary,

    NotWordBoundary,
}
