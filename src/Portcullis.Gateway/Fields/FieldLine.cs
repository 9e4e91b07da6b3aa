using System.Buffers;
using System.Buffers.Text;

namespace Portcullis.Gateway.Fields;

/// <summary>Checks the octets of field lines (RFC 9110 §5, RFC 9112 §5), the same for heads and trailer sections.</summary>
internal static class FieldLine
{
    public const string Folded = "a field line begins with whitespace (obsolete line folding)";

    private static readonly SearchValues<byte> TokenOctets =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Splits a line, without its CRLF, into name and value.</summary>
    /// <returns>Null when the line is right, otherwise what is wrong with it.</returns>
    public static string? Split(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out string? known, out ReadOnlySpan<byte> value, out FieldTraits traits)
    {
        name = value = default;
        known = null;
        traits = FieldTraits.None;
        if (IsFolded(line))
            return Folded;

        var colon = line.IndexOf((byte)':');
        if (colon < 0)
            return "a field line has no colon";
        if (colon == 0)
            return "a field line has no name";

        name = line[..colon];
        known = KnownFields.Find(name, out traits);
        if (known is null && name.ContainsAnyExcept(TokenOctets))
            return "a field name is not a token"; // whitespace before the colon included, RFC 9112 §5.1

        value = Trim(line[(colon + 1)..]);
        return IsText(value) ? null : "a field value holds a control character"; // RFC 9110 §5.5
    }

    /// <summary>Whether a line, which is not empty, continues the one before it (RFC 9112 §5.2).</summary>
    public static bool IsFolded(ReadOnlySpan<byte> line) => line[0] is (byte)' ' or (byte)'\t';

    /// <summary>Whether the octets are HTAB, SP, visible ASCII or obs-text: what field values and reason phrases are made of.</summary>
    public static bool IsText(ReadOnlySpan<byte> octets)
    {
        if (!octets.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            return true;

        foreach (var octet in octets)
        {
            if ((octet < ' ' && octet != '\t') || octet == 0x7F)
                return false;
        }

        return true;
    }

    /// <summary>Whether the octets are a field value as HTTP/2 has it: text without whitespace around it (RFC 9113 §8.2.1). It may be empty.</summary>
    public static bool IsValue(ReadOnlySpan<byte> octets)
        => octets.IsEmpty || (octets[0] is not ((byte)' ' or (byte)'\t') && octets[^1] is not ((byte)' ' or (byte)'\t') && IsText(octets));

    /// <summary>Reads 1*DIGIT that fits a positive <see cref="long"/>; signs, whitespace, lists and more than 19 digits are refused.</summary>
    public static bool TryLength(ReadOnlySpan<byte> value, out long length)
    {
        length = 0;
        return value.Length is > 0 and <= 19
            && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && Utf8Parser.TryParse(value, out length, out var read)
            && read == value.Length;
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value)
    {
        var start = 0;
        var end = value.Length;
        while (start < end && value[start] is (byte)' ' or (byte)'\t')
            start++;
        while (end > start && value[end - 1] is (byte)' ' or (byte)'\t')
            end--;
        return value[start..end];
    }
}
