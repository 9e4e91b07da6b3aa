using System.Text;
using Portcullis.Waf.Bodies;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// Form bodies and query strings as the WAF reads them: input is the separator and then the text. Whatever it is, the arguments are those that a plain
/// reader of strings finds, and a limit ends reading where it says.
/// </summary>
internal sealed class WafUrlEncodedTarget : IFuzzTarget
{
    private const int Limit = 3;

    public string Name => "waf-urlencoded";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "&", "=", "&&", "==", ";", "+", "%", "%%", "%41", "%3D", "%26", "%2", "%zz", "%u0041", "%00", "a=b", "\0", "\u00ff",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty || input[0] == '=') return;
        var separator = input[0];
        var text = input[1..];
        var sink = new WafBodySink();
        var result = UrlEncodedReader.Read(text, separator, int.MaxValue, sink, out var invalid);
        BrokenInvariantException.Unless(!result.IsError && result.Arguments == sink.Arguments.Count, "any text can be read");

        var invalidOfStrings = 0;
        var expected = new List<(string, string)>();
        var pairs = Encoding.Latin1.GetString(text).Split((char)separator);
        foreach (var pair in pairs[^1].Length == 0 ? pairs[..^1] : pairs)
        {
            var parts = pair.Split('=', 2);
            expected.Add((Decoded(parts[0], ref invalidOfStrings), Decoded(parts.Length > 1 ? parts[1] : string.Empty, ref invalidOfStrings)));
        }

        BrokenInvariantException.Unless(sink.Arguments.SequenceEqual(expected), "arguments are what a reader of strings finds");
        BrokenInvariantException.Unless(invalid == invalidOfStrings, "invalid escapes are counted as a reader of strings does");

        var limited = new WafBodySink();
        result = UrlEncodedReader.Read(text, separator, Limit, limited, out _);
        BrokenInvariantException.Unless(result.IsArgumentLimitReached == expected.Count > Limit, "the limit is reached by one more");
        BrokenInvariantException.Unless(limited.Arguments.SequenceEqual(expected.Take(Limit)), "arguments up to the limit are passed on");
    }

    private static string Decoded(string text, ref int invalid)
    {
        var parts = text.Replace('+', ' ').Split('%');
        var decoded = new StringBuilder(parts[0]);
        foreach (var part in parts.Skip(1))
        {
            if (part.Length >= 2 && char.IsAsciiHexDigit(part[0]) && char.IsAsciiHexDigit(part[1]))
            {
                decoded.Append((char)Convert.ToByte(part[..2], 16)).Append(part[2..]);
            }
            else
            {
                decoded.Append('%').Append(part);
                invalid++;
            }
        }

        return decoded.ToString();
    }
}
