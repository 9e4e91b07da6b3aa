namespace Portcullis.Waf.Bytes;

/// <summary>Comparisons without regard to the case of ASCII letters, on bytes of any encoding.</summary>
internal static class AsciiCase
{
    public static byte ToLower(byte value) => (uint)(value - 'A') <= 'Z' - 'A' ? (byte)(value | 0x20) : value;

    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length) return false;
        for (var at = 0; at < left.Length; at++)
        {
            if (left[at] != right[at] && ToLower(left[at]) != ToLower(right[at])) return false;
        }

        return true;
    }
}
