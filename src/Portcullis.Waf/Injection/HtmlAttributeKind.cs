namespace Portcullis.Waf.Injection;

/// <summary>How dangerous an attribute is.</summary>
internal enum HtmlAttributeKind : byte
{
    Harmless,

    /// <summary>With any value: handlers of events, name spaces, styles.</summary>
    Forbidden,

    /// <summary>With a URL that runs something.</summary>
    Url,

    /// <summary>Its value is the name of an attribute.</summary>
    NamesAnother,
}
