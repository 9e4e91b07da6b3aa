namespace Portcullis.Waf.Literals;

/// <summary>ASCII letters without their case; other bytes as they are.</summary>
internal static class LowerCase
{
    public static byte Of(byte value) => value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;

    public static byte[] Of(ReadOnlySpan<byte> value)
    {
        var lower = value.ToArray();
        foreach (ref var one in lower.AsSpan())
        {
            one = Of(one);
        }

        return lower;
    }
}
