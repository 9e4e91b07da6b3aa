namespace Portcullis.Waf.Injection;

/// <summary>What a token of HTML is.</summary>
internal enum HtmlTokenType
{
    Text,

    /// <summary>The name of an element that begins; of one that ends as well, where attributes follow.</summary>
    TagOpen,

    /// <summary>The <c>&gt;</c> of a tag.</summary>
    TagEnd,

    /// <summary><c>/&gt;</c></summary>
    TagSelfClosing,

    /// <summary>The name of an element that ends.</summary>
    TagClose,
    AttributeName,
    AttributeValue,
    Comment,
    Doctype,
}
