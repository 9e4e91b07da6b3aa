namespace Portcullis.Waf.Injection;

/// <summary>Where in a page a value may come to stand.</summary>
internal enum HtmlContext
{
    /// <summary>Between elements.</summary>
    Data,

    /// <summary>In a tag, where attributes stand.</summary>
    Tag,

    /// <summary>In an attribute's value, in single quotes.</summary>
    SingleQuoted,

    /// <summary>In double quotes.</summary>
    DoubleQuoted,

    /// <summary>In back quotes, which old browsers took as quotes.</summary>
    BackQuoted,
}
