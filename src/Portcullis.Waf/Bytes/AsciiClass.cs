using System.Runtime.CompilerServices;

namespace Portcullis.Waf.Bytes;

/// <summary>Classes of bytes as the C library has them in its "C" locale, which the engines that CRS was written for use.</summary>
internal static class AsciiClass
{
    /// <summary>What <c>isspace</c> accepts: tab, line feed, vertical tab, form feed, carriage return, space.</summary>
    public static ByteSet Space { get; } = ByteSet.Range(9, 13) | ByteSet.Of((byte)' ');

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSpace(byte value) => value == ' ' || (uint)(value - 9) <= 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUpper(byte value) => (uint)(value - 'A') <= 'Z' - 'A';

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsLetterOrDigit(byte value) => (uint)((value | 0x20) - 'a') <= 'z' - 'a' || (uint)(value - '0') <= 9;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsOctal(byte value) => (value & 0xf8) == '0';

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte ToLower(byte value) => IsUpper(value) ? (byte)(value | 0x20) : value;
}
