using System.Text;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Transformations;

namespace Portcullis.Fuzz.Targets;

/// <summary>
/// The transformation functions of the WAF: input is a value, and all of them are applied to it. Whatever it is, a result fits the room that was asked
/// for, depends on the value alone, and is passed on only if it differs from the value; without a trigger there is none; and some
/// functions have nothing left to do the second time.
/// </summary>
internal sealed class WafTransformationsTarget : IFuzzTarget
{
    private static readonly HashSet<string> Idempotent = new(StringComparer.Ordinal)
    {
        "lowercase", "uppercase", "trim", "trimLeft", "trimRight", "removeNulls", "replaceNulls", "removeWhitespace", "compressWhitespace",
        "parityZero7bit",
    };

    public string Name => "waf-transformations";

    public IReadOnlyList<string> Dictionary { get; } =
    [
        "%", "%u", "%U", "%41", "%uff41", "%u0041", "%u2018", "+", "&", "&#", "&#x", "&#65;", "&lt;", "&quot", "&nbsp;", "\\", "\\u", "\\uff1c", "\\x",
        "\\x41", "\\101", "\\777",
        "\\6a ", "\\00ff41", "\\\n", "/*", "*/", "<!--", "-->", "--", "#", "/", "//", "/../", "/./", "..", ".", "\\..\\", "0x", "0X41", "\0", " ", "\t",
        "\r\n", "\v", "\u00a0",
        "\u00c3\u00a9", "\u00e2\u0082\u00ac", "\u00f0\u009f\u0098\u0080", "\u00ed\u00a0\u0080", "\u00c0\u00af", "\u00f5", "\u00ff", "QUJD", "=", "==",
        "-_", "^", "\"", "'", ",", ";", "(", "A", "Z", "a", "9", "f",
        "99999999999999999999", "ffffffffffffffffffff",
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var occurring = ByteSet.Of(input);
        foreach (var transformation in TransformationTable.Default.All)
            Check(transformation, input, occurring);
        BrokenInvariantException.Unless(
            UrlDecoded(Encoding.Latin1.GetString(input)) == Result(TransformationTable.Default.Find("urlDecode")!, input),
            "urlDecode is what a reader of strings makes of it");
    }

    private static void Check(Transformation transformation, ReadOnlySpan<byte> value, in ByteSet occurring)
    {
        var name = transformation.Name;
        var maximum = transformation.MaximumLength(value.Length);
        var first = Filled(maximum, 0);
        var second = Filled(maximum, 0xee);
        var isChanged = transformation.TryApply(value, first, out var written);
        BrokenInvariantException.Unless(isChanged || written == 0, $"{name}: nothing is written where nothing changed");
        BrokenInvariantException.Unless(
            isChanged == transformation.TryApply(value, second, out var again) && written == again, $"{name}: the same comes of the same");
        if (!isChanged) return;
        BrokenInvariantException.Unless(written >= 0 && written <= maximum, $"{name}: the result fits");
        BrokenInvariantException.Unless(!value.SequenceEqual(first.AsSpan(0, written)), $"{name}: a result differs from the value");
        BrokenInvariantException.Unless(
            first.AsSpan(0, written).SequenceEqual(second.AsSpan(0, written)), $"{name}: a result is of the value, not of what was there");
        BrokenInvariantException.Unless(transformation.CanChange(occurring), $"{name}: without a trigger nothing changes");
        BrokenInvariantException.Unless(name != "normalizePathWin" || !first.AsSpan(0, written).Contains((byte)'\\'), $"{name}: no backslash is left");
        BrokenInvariantException.Unless(
            !Idempotent.Contains(name) || !transformation.TryApply(first.AsSpan(0, written), second, out _), $"{name}: the second time changes nothing");
    }

    private static string Result(Transformation transformation, ReadOnlySpan<byte> value)
    {
        var destination = new byte[transformation.MaximumLength(value.Length)];
        var isChanged = transformation.TryApply(value, destination, out var written);
        return Encoding.Latin1.GetString(isChanged ? destination.AsSpan(0, written) : value);
    }

    private static string UrlDecoded(string text)
    {
        var decoded = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var isEscape = text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]);
            decoded.Append(isEscape ? (char)Convert.ToByte(text.Substring(i + 1, 2), 16) : text[i] == '+' ? ' ' : text[i]);
            i += isEscape ? 2 : 0;
        }

        return decoded.ToString();
    }

    private static byte[] Filled(int length, byte value)
    {
        var bytes = new byte[length];
        Array.Fill(bytes, value);
        return bytes;
    }
}
