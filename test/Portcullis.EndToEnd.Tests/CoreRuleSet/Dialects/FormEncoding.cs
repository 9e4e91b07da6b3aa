using System.Text;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Dialects;

/// <summary>application/x-www-form-urlencoded, as the standard libraries of both runners write and read it.</summary>
internal static class FormEncoding
{
    /// <summary>Encodes UTF-8: letters, digits and <c>-_.~</c> stay, a space becomes <c>+</c>.</summary>
    public static string Encode(string text)
    {
        var encoded = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'~') encoded.Append((char)b);
            else if (b == ' ') encoded.Append('+');
            else encoded.Append('%').Append(b.ToString("X2", null));
        }

        return encoded.ToString();
    }

    /// <summary>Decodes %xx and leaves every other % alone; <c>+</c> stays.</summary>
    public static string DecodePercent(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var decoded = new List<byte>(bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (IsEscape(bytes, i))
            {
                decoded.Add(Convert.ToByte(Encoding.ASCII.GetString(bytes, i + 1, 2), 16));
                i += 2;
            }
            else
            {
                decoded.Add(bytes[i]);
            }
        }

        return Encoding.UTF8.GetString([.. decoded]);
    }

    /// <summary>Whether every % starts a valid %xx.</summary>
    public static bool IsWellFormed(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return !bytes.Where((b, i) => b == '%' && !IsEscape(bytes, i)).Any();
    }

    private static bool IsEscape(byte[] bytes, int at)
        => bytes[at] == '%' && at + 2 < bytes.Length && char.IsAsciiHexDigit((char)bytes[at + 1]) && char.IsAsciiHexDigit((char)bytes[at + 2]);
}
