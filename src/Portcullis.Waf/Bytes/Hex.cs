using System.Runtime.CompilerServices;

namespace Portcullis.Waf.Bytes;

/// <summary>Hexadecimal digits in hostile text.</summary>
internal static class Hex
{
    public static ReadOnlySpan<byte> LowerDigits => "0123456789abcdef"u8;

    /// <summary>0 to 15, or -1 for what is no digit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Digit(byte value)
    {
        var digit = (uint)(value - '0');
        if (digit <= 9) return (int)digit;
        digit = (uint)((value | 0x20) - 'a');
        return digit <= 5 ? (int)digit + 10 : -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsDigit(byte value) => Digit(value) >= 0;

    /// <summary>The byte that two digits at <paramref name="at"/> write, or -1 where there are not two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Pair(ReadOnlySpan<byte> value, int at)
    {
        if ((uint)at + 1 >= (uint)value.Length) return -1;
        var high = Digit(value[at]);
        var low = Digit(value[at + 1]);
        return (high | low) < 0 ? -1 : (high << 4) | low;
    }
}
