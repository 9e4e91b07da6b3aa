using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Variables;

/// <summary>Splits a Cookie field into REQUEST_COOKIES as ModSecurity 2 does for format 0: at the separator, not decoded, white space before a name dropped, pairs without a name too.</summary>
internal static class Cookies
{
    /// <summary>More of one field are not told apart: the last one's value is all the rest, so that rules still look at it.</summary>
    public const int Maximum = 1000;

    public static void Read(Slice field, byte separator, MessageVariables message)
    {
        var from = 0;
        for (var count = 1; from < field.Length; count++)
        {
            var length = count < Maximum ? field.Span[from..].IndexOf(separator) : -1;
            if (length < 0) length = field.Length - from;
            Add(field.Part(from, length), message);
            from += length + 1;
        }
    }

    private static void Add(Slice pair, MessageVariables message)
    {
        var begin = 0;
        while (begin < pair.Length && pair.Span[begin] is (byte)' ' or (>= 9 and <= 13)) begin++;
        var rest = pair.Part(begin, pair.Length - begin);
        var equals = rest.Span.IndexOf((byte)'=');
        var name = equals < 0 ? rest : rest.Part(0, equals);
        if (name.IsEmpty) return;
        message.Add(message.RequestCookies, name, equals < 0 ? default : rest.Part(equals + 1, rest.Length - equals - 1));
    }
}
