using System.Globalization;
using System.Text;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Agreement;

/// <summary>Ways to write a text that a firewall may or may not see through; a character is a byte.</summary>
internal static class Encodings
{
    private static readonly string[] Inserts = ["\0", "%00", "%0a", "%0d%0a", "+", "%20", "/**/", "\\", "%5c", "&#x20;", "\t", "%c0%af", "%u0027", "%EF%BC%87", "\u00a0", "'", "\"", "`", ";", "--", "${", "<", ">", "(", ")", "..", "%25", "\u00ff"];

    private static readonly Func<string, Random, string>[] All =
    [
        (text, _) => Each(text, _ => true, Percent),
        (text, _) => Each(text, c => !char.IsAsciiLetterOrDigit(c), Percent),
        (text, random) => Each(text, _ => random.Next(3) == 0, Percent),
        (text, random) => Each(text, _ => random.Next(3) == 0, c => Percent(c).ToLowerInvariant()),
        (text, _) => Each(Each(text, c => !char.IsAsciiLetterOrDigit(c), Percent), c => c == '%', Percent),
        (text, random) => Each(text, _ => random.Next(4) == 0, c => $"%u00{(int)c:x2}"),
        (text, random) => Each(text, _ => random.Next(4) == 0, c => $"%uff{(c - 0x20) & 0xff:X2}"),
        (text, random) => Each(text, _ => random.Next(4) == 0, c => $"&#{(int)c};"),
        (text, random) => Each(text, _ => random.Next(4) == 0, c => $"&#x{(int)c:x}"),
        (text, random) => Each(text, _ => random.Next(4) == 0, c => $"\\x{(int)c:x2}"),
        (text, random) => Each(text, _ => random.Next(4) == 0, c => $"\\u{(int)c:x4}"),
        (text, random) => Each(text, char.IsAsciiLetter, c => random.Next(2) == 0 ? $"{char.ToUpperInvariant(c)}" : $"{char.ToLowerInvariant(c)}"),
        (text, random) => text.Insert(random.Next(text.Length + 1), Inserts[random.Next(Inserts.Length)]),
        (text, random) => text.Insert(random.Next(text.Length + 1), Inserts[random.Next(Inserts.Length)]).Insert(random.Next(text.Length + 1), Inserts[random.Next(Inserts.Length)]),
        (text, random) => text.Insert(random.Next(text.Length + 1), $"{(char)random.Next(1, 256)}"),
        (text, random) => text.Remove(random.Next(text.Length + 1)),
        (text, random) => text[random.Next(text.Length + 1)..],
        (text, random) => text.Length == 0 ? text : text.Remove(random.Next(text.Length), 1),
        (text, _) => Convert.ToBase64String(Encoding.Latin1.GetBytes(text)),
        (text, random) => Each(text, c => c == ' ', _ => random.Next(3) switch { 0 => "/**/", 1 => "\t", _ => "%0b" }),
        (text, _) => text.Replace("/", "\\", StringComparison.Ordinal),
        (text, _) => text + text,
    ];

    /// <summary>One of them, or seldom none.</summary>
    public static string Apply(string text, Random random) => random.Next(6) == 0 ? text : All[random.Next(All.Length)](text, random);

    public static string Percent(char c) => "%" + ((int)c).ToString("X2", CultureInfo.InvariantCulture);

    private static string Each(string text, Predicate<char> which, Func<char, string> write)
    {
        var written = new StringBuilder(text.Length);
        foreach (var c in text) written.Append(which(c) ? write(c) : $"{c}");
        return written.ToString();
    }
}
