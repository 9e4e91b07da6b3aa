using System.Text;

namespace Portcullis.Waf.Tests.Injection;

/// <summary>One of libinjection's own tests: an input and what must come of it.</summary>
internal sealed record PublishedCase(string Name, byte[] Input, string Expected)
{
    public string Kind => Name.Split('-')[1];

    public static IEnumerable<PublishedCase> All()
        => Directory.GetFiles(Requirement.Data("libinjection", "tests"), "test-*.txt").Order(StringComparer.Ordinal).Select(Read);

    private static PublishedCase Read(string file)
    {
        var text = File.ReadAllText(file, Encoding.Latin1);
        var input = text.IndexOf("--INPUT--\n", StringComparison.Ordinal);
        var expected = text.IndexOf("--EXPECTED--\n", input, StringComparison.Ordinal);
        return new PublishedCase(
            Path.GetFileNameWithoutExtension(file),
            Encoding.Latin1.GetBytes(Trim(text[(input + 10)..expected])),
            Trim(text[(expected + 13)..]));
    }

    private static string Trim(string text) => text.TrimEnd(' ', '\n', '\t', '\r');
}
