using Portcullis.Waf.Injection;

namespace Portcullis.Waf.Tests.Injection;

/// <summary>
/// The one known difference to the reference. libinjection 3.9.2 took every attribute whose name begins with <c>on</c> and has five or more bytes
/// for a handler; later versions, whose tables we use, ask for the name of an event (its commit a28acee), because <c>online=1</c> is none.
/// </summary>
internal static class UnlistedHandlers
{
    /// <summary>Whether in any context an attribute like this has a value.</summary>
    public static bool Occur(ReadOnlySpan<byte> value)
    {
        foreach (var context in Enum.GetValues<HtmlContext>())
        {
            var tokenizer = new HtmlTokenizer(value, context);
            var (isUnlisted, namesAnother) = (false, false);
            while (tokenizer.Next())
            {
                if (tokenizer.Type == HtmlTokenType.AttributeValue && (isUnlisted || (namesAnother && IsUnlisted(tokenizer.Text))))
                    return true;
                var isName = tokenizer.Type == HtmlTokenType.AttributeName;
                isUnlisted = isName && IsUnlisted(tokenizer.Text);
                namesAnother = isName && HtmlNames.KindOfAttribute(tokenizer.Text) == HtmlAttributeKind.NamesAnother;
            }
        }

        return false;
    }

    private static bool IsUnlisted(ReadOnlySpan<byte> name)
        => name.Length >= 5 && HtmlNames.StartsWith(name, "ON"u8) && HtmlNames.KindOfAttribute(name) == HtmlAttributeKind.Harmless;
}
