using System.Text;
using System.Text.Json;
using Portcullis.Waf.Bodies;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// JSON bodies as the WAF reads them: input is a text. It is accepted exactly if the base library's reader accepts it, surrogates without their other half
/// and the WAF's own limits apart; then both find the same values. What is passed on is in proportion to the text.
/// </summary>
internal sealed class WafJsonTarget : IFuzzTarget
{
    private const int Depth = 64;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string Name => "waf-json";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\"a\":", "\\", "\\\"", "\\u0041", "\\ud83d\\ude00", "\\ud83d", "\\n", "\\x", "0", "-0", "1.5", "1e9", "E+1",
        ".", "-", "01", "true", "false", "null", " ", "\n", "\t", "\v",
        "\0", "\u0001", "\u00c3\u00a9", "\u00ff", "\u00ed\u00a0\u0080", "\u00ef\u00bb\u00bf", "[[[[[[[[[[[[[[[[[[[[", "{\"a\":[", "]]]]", "//", "/*", "NaN",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var first = Check(input, JsonNames.ModSecurity2);
        var second = Check(input, JsonNames.ModSecurity3);
        var shared = Math.Min(first.Arguments.Count, second.Arguments.Count);
        BrokenInvariantException.Unless(
            first.Arguments.Take(shared).Select(static one => one.Value).SequenceEqual(second.Arguments.Take(shared).Select(static one => one.Value)),
            "the values are the same by either names");
    }

    private static WafBodySink Check(ReadOnlySpan<byte> input, JsonNames names)
    {
        var sink = new WafBodySink();
        var result = JsonReader.Read(input, new JsonOptions(Depth, 1000, names), sink);
        BrokenInvariantException.Unless(result.Arguments == sink.Arguments.Count, "arguments are counted");
        BrokenInvariantException.Unless(result.Offset >= 0 && result.Offset <= input.Length, "an error lies within the text");
        BrokenInvariantException.Unless(sink.Octets <= (64 * 1024) + (32L * input.Length), "what is passed on is in proportion to the text");
        if (result.IsArgumentLimitReached || result.Message == "JSON: names too long") return sink;

        var expected = new List<string>();
        var isAccepted = TryRead(input, expected);
        BrokenInvariantException.Unless(!result.IsError == isAccepted, $"both readers agree ({result})");
        if (isAccepted)
            BrokenInvariantException.Unless(sink.Arguments.Select(static one => one.Value).SequenceEqual(expected), "both readers find the same values");
        return sink;
    }

    private static bool TryRead(ReadOnlySpan<byte> input, List<string> values)
    {
        try
        {
            _ = Strict.GetCharCount(input);
            var reader = new Utf8JsonReader(input, new JsonReaderOptions { MaxDepth = Depth });
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        _ = reader.GetString();
                        break;
                    case JsonTokenType.String:
                        values.Add(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(reader.GetString()!)));
                        break;
                    case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                        values.Add(Encoding.Latin1.GetString(reader.ValueSpan));
                        break;
                    case JsonTokenType.Null:
                        values.Add(string.Empty);
                        break;
                }
            }

            return true;
        }
        catch (Exception refused) when (refused is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            return false; // An invalid operation is half a surrogate.
        }
    }
}
