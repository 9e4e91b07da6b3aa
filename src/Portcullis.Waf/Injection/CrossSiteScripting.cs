using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Injection;

/// <summary>
/// Detects cross-site scripting, for <c>@detectXSS</c>: the algorithm and the tables that libinjection publishes. A value is read as HTML in each
/// place where a page may put it, between elements, in a tag, in three kinds of quotes, and judged by the elements, attributes, URLs and comments
/// that come of it. Time grows with the length alone, at most five readings of the value; nothing is allocated.
/// </summary>
internal static class CrossSiteScripting
{
    /// <summary>What can begin a tag, a declaration or a comment behind <c>&lt;</c>: the shortest attack is <c>&lt;!`</c>.</summary>
    private const int MinimumLengthOfMarkup = 3;

    /// <summary>As <c>style=a</c> or <c>to=java</c>.</summary>
    private const int MinimumLengthOfAttribute = 7;

    /// <summary>Whether a value can be an attack, by what it holds; false is certain, true only a reason to look.</summary>
    /// <param name="present">The bytes that the value holds, or more.</param>
    /// <param name="length">Its length.</param>
    public static bool CouldBe(in ByteSet present, int length)
        => (length >= MinimumLengthOfMarkup && present.Contains((byte)'<')) || (length >= MinimumLengthOfAttribute && present.Contains((byte)'='));

    /// <summary>Whether a value runs a script, or makes the page load one, where a page shows it unescaped.</summary>
    public static bool IsInjection(ReadOnlySpan<byte> value)
    {
        // Every attack has an element or an attribute with a value, and to get out of quotes a quote.
        var first = value.IndexOfAny((byte)'<', (byte)'=');
        if (first < 0)
            return false;
        return IsInjection(value, HtmlContext.Tag)
            || (value[first..].Contains((byte)'<') && IsInjection(value, HtmlContext.Data))
            || (value.Contains((byte)'\'') && IsInjection(value, HtmlContext.SingleQuoted))
            || (value.Contains((byte)'"') && IsInjection(value, HtmlContext.DoubleQuoted))
            || (value.Contains((byte)'`') && IsInjection(value, HtmlContext.BackQuoted));
    }

    private static bool IsInjection(ReadOnlySpan<byte> value, HtmlContext context)
    {
        var tokenizer = new HtmlTokenizer(value, context);
        var attribute = HtmlAttributeKind.Harmless;
        while (tokenizer.Next())
        {
            var isInjection = tokenizer.Type switch
            {
                HtmlTokenType.Doctype => true,
                HtmlTokenType.TagOpen => HtmlNames.IsForbiddenTag(tokenizer.Text),
                HtmlTokenType.AttributeValue => IsActiveValue(attribute, tokenizer.Text),
                HtmlTokenType.Comment => IsActiveComment(tokenizer.Text),
                _ => false,
            };
            if (isInjection)
                return true;
            attribute = tokenizer.Type == HtmlTokenType.AttributeName ? HtmlNames.KindOfAttribute(tokenizer.Text) : HtmlAttributeKind.Harmless;
        }

        return false;
    }

    private static bool IsActiveValue(HtmlAttributeKind attribute, ReadOnlySpan<byte> value) => attribute switch
    {
        HtmlAttributeKind.Forbidden => true,
        HtmlAttributeKind.Url => UrlScheme.IsActive(value),
        HtmlAttributeKind.NamesAnother => HtmlNames.KindOfAttribute(value) != HtmlAttributeKind.Harmless,
        _ => false,
    };

    /// <summary>Comments that old versions of Internet Explorer acted upon, and declarations of entities.</summary>
    private static bool IsActiveComment(ReadOnlySpan<byte> comment)
        => comment.Contains((byte)'`')
            || (comment.Length > 3 && (HtmlNames.StartsWith(comment, "[IF"u8) || HtmlNames.StartsWith(comment, "XML"u8)))
            || HtmlNames.StartsWith(comment, "IMPORT"u8)
            || HtmlNames.StartsWith(comment, "ENTITY"u8);
}
