using System.Text;

namespace Portcullis.Benchmarks.Injection;

/// <summary>Values for the detectors of injection: what requests carry, attacks, and what makes the detectors work hardest.</summary>
internal static class InjectionSamples
{
    /// <summary>Length of the hard values, in bytes.</summary>
    public const int HardLength = 1 << 20;

    public const int BenignCount = 24;

    /// <summary>Values of ordinary requests: arguments, cookies, header fields.</summary>
    public static byte[][] Benign { get; } =
    [
        .. new string[BenignCount]
        {
            "hello", "42", "john_smith", "john.smith@example.com", "2026-03-14T15:09:26Z", "550e8400-e29b-41d4-a716-446655440000", "en-GB,en;q=0.8", "true",
            "a search for blue shoes", "O'Brien", "price asc", "/catalogue/shoes/17", "https://shop.example.com/items?page=2&sort=price", "gzip, deflate, br",
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0", "GA1.2.1234567890.1700000000", "Thank you, we will select from the list and write to you.",
            "+44 20 7946 0958", "221B Baker Street, London", "caf\u00e9 au lait", "12.50", "asc",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public static byte[] SqlAttack { get; } = Encoding.ASCII.GetBytes("1' UNION ALL SELECT NULL,NULL,CONCAT(0x71,user,0x71) FROM users-- -");

    public static byte[] ScriptAttack { get; } = Encoding.ASCII.GetBytes("\"><img src=x onerror=alert(document.cookie)>");

    /// <summary>Values of <see cref="HardLength"/> that take long, by what they repeat.</summary>
    public static IReadOnlyDictionary<string, byte[]> Hard { get; } = new Dictionary<string, byte[]>(StringComparer.Ordinal)
    {
        // SQL: a token every byte or two, never five of them, in as many readings as there are.
        ["operators"] = Repeat("1+"),
        ["quotes"] = Repeat("''\"\"", "1#\n'1'+\"1\"+"),
        ["all readings"] = Repeat("1+", "1#\n+'+#\n\"+'+\"+"),
        ["words"] = Repeat("a.b "),
        ["phrases"] = Repeat("not+"),
        ["comments"] = Repeat("/**/"),
        ["escapes"] = Repeat("\\'"),
        ["parentheses"] = Repeat("(("),

        // HTML: short tags and attributes, in all contexts.
        ["tags"] = Repeat("<a>", "'\"`"),
        ["attributes"] = Repeat("ab=c ", "'\"`"),
        ["handlers"] = Repeat("onzz ", "'\"`="),
        ["URLs"] = Repeat("to=&#1 ", "'\"`"),
        ["markup comments"] = Repeat("-\0", "<!--"),
    };

    private static byte[] Repeat(string part, string lead = "")
    {
        var value = new byte[HardLength];
        for (var i = 0; i < value.Length; i++)
            value[i] = (byte)(i < lead.Length ? lead[i] : part[(i - lead.Length) % part.Length]);
        return value;
    }
}
