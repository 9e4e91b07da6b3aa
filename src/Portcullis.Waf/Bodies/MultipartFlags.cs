namespace Portcullis.Waf.Bodies;

/// <summary>What is unusual or wrong about a multipart body, as the MULTIPART_ variables of ModSecurity report it.</summary>
[Flags]
internal enum MultipartFlags
{
    None = 0,

    /// <summary>The body is malformed; <see cref="BodyResult.Message"/> says how.</summary>
    Error = 1 << 0,

    /// <summary>MULTIPART_BOUNDARY_QUOTED: the boundary parameter has quotes.</summary>
    BoundaryQuoted = 1 << 1,

    /// <summary>MULTIPART_BOUNDARY_WHITESPACE: there is white space around the equals sign of the boundary parameter.</summary>
    BoundaryWhitespace = 1 << 2,

    /// <summary>MULTIPART_DATA_BEFORE: something stands before the first boundary.</summary>
    DataBefore = 1 << 3,

    /// <summary>MULTIPART_DATA_AFTER: something stands behind the last boundary.</summary>
    DataAfter = 1 << 4,

    /// <summary>MULTIPART_HEADER_FOLDING: a part header goes on in a second line.</summary>
    HeaderFolding = 1 << 5,

    /// <summary>MULTIPART_LF_LINE: a boundary or part header ends in LF alone.</summary>
    LfLine = 1 << 6,

    /// <summary>MULTIPART_CRLF_LINE: a boundary or part header ends in CR LF. Usual; with <see cref="LfLine"/> it is MULTIPART_CRLF_LF_LINES.</summary>
    CrlfLine = 1 << 7,

    /// <summary>MULTIPART_MISSING_SEMICOLON: nothing but white space stands between the media type and its boundary parameter.</summary>
    MissingSemicolon = 1 << 8,

    /// <summary>MULTIPART_INVALID_QUOTING: a parameter of Content-Disposition has single quotes, or text behind its quotes.</summary>
    InvalidQuoting = 1 << 9,

    /// <summary>MULTIPART_INVALID_PART: a boundary stands where a part's header or data should, or a header's name has characters that no name has.</summary>
    InvalidPart = 1 << 10,

    /// <summary>MULTIPART_INVALID_HEADER_FOLDING: header folding by white space other than spaces and tabs.</summary>
    InvalidHeaderFolding = 1 << 11,

    /// <summary>MULTIPART_FILE_LIMIT_EXCEEDED: more files than SecUploadFileLimit.</summary>
    FileLimitExceeded = 1 << 12,

    /// <summary>A line starts with two hyphens and is no boundary, as lines of PEM files do.</summary>
    BoundaryLikeLine = 1 << 13,

    /// <summary>Two hyphens and the boundary stand somewhere within a line.</summary>
    StrayBoundary = 1 << 14,

    /// <summary>Any of these makes MULTIPART_STRICT_ERROR.</summary>
    Strict = Error | BoundaryQuoted | BoundaryWhitespace | DataBefore | DataAfter | HeaderFolding | LfLine | MissingSemicolon
        | InvalidQuoting | InvalidPart | InvalidHeaderFolding | FileLimitExceeded,

    /// <summary>Either makes MULTIPART_UNMATCHED_BOUNDARY 1, as in ModSecurity 2. Version 3 has 2 there for a body with boundaries that do match.</summary>
    UnmatchedBoundary = BoundaryLikeLine | StrayBoundary,
}
