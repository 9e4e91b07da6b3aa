namespace Portcullis.Waf.Transformations;

/// <summary>The full-width forms of ASCII, U+FF01 to U+FF5E, by which some decoders let ASCII in unseen.</summary>
internal static class FullWidth
{
    /// <summary>The ASCII character of a full-width form; the low byte of any other code.</summary>
    public static byte ToByte(int code)
    {
        var low = (byte)code;
        return code >> 8 == 0xff && low is > 0 and < 0x5f ? (byte)(low + 0x20) : low;
    }
}
