using System.Text;

namespace Portcullis.Gateway.Forwarding;

/// <summary>Text of unknown origin as a field value.</summary>
internal static class FieldText
{
    /// <summary>
    /// The text itself where it is visible ASCII and inner spaces without <c>%</c>; otherwise percent-encoded UTF-8 (RFC 3986
    /// §2.1), so that no subject a token can carry breaks out of its field or poses as another one.
    /// </summary>
    public static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.Contains('%', StringComparison.Ordinal) && text.AsSpan().Trim(' ').Length == text.Length) return text;

        var encoded = new StringBuilder(text.Length * 2);
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            if (octet is > (byte)' ' and <= (byte)'~' and not (byte)'%') encoded.Append((char)octet);
            else encoded.Append('%').Append(octet.ToString("X2"));
        }

        return encoded.ToString();
    }
}
