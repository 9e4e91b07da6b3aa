using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Portcullis.Waf.Bytes;

/// <summary>
/// A set of byte values: which bytes a value contains, which a regular expression accepts next, which make a transformation change something.
/// Immutable; the default is the empty set.
/// </summary>
internal readonly struct ByteSet : IEquatable<ByteSet>
{
    private readonly ulong first;
    private readonly ulong second;
    private readonly ulong third;
    private readonly ulong fourth;

    private ByteSet(ulong first, ulong second, ulong third, ulong fourth)
        => (this.first, this.second, this.third, this.fourth) = (first, second, third, fourth);

    /// <summary>Words of 64 bits.</summary>
    public const int Words = 4;

    public static ByteSet Empty => default;

    public static ByteSet All => new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    public bool IsEmpty => (first | second | third | fourth) == 0;

    public int Count
        => System.Numerics.BitOperations.PopCount(first) + System.Numerics.BitOperations.PopCount(second)
            + System.Numerics.BitOperations.PopCount(third) + System.Numerics.BitOperations.PopCount(fourth);

    /// <summary>The bytes that occur in <paramref name="value"/>.</summary>
    public static ByteSet Of(params ReadOnlySpan<byte> value)
    {
        // Independent stores, and then bits of them by vectors, are faster than bits that wait for one another.
        Span<byte> marks = stackalloc byte[256];
        marks.Clear();
        foreach (var one in value)
        {
            marks[one] = 0x80;
        }

        return new ByteSet(Bits(marks), Bits(marks[64..]), Bits(marks[128..]), Bits(marks[192..]));
    }

    private static ulong Bits(ReadOnlySpan<byte> marks)
        => Vector256.Create(marks).ExtractMostSignificantBits() | ((ulong)Vector256.Create(marks[32..]).ExtractMostSignificantBits() << 32);

    /// <summary>The bytes from <paramref name="from"/> to <paramref name="to"/>, both included; empty if they are out of order.</summary>
    public static ByteSet Range(byte from, byte to)
    {
        Span<ulong> words = stackalloc ulong[4];
        words.Clear();
        for (int one = from; one <= to; one++)
        {
            words[one >> 6] |= 1UL << one;
        }

        return new ByteSet(words[0], words[1], words[2], words[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(byte value)
    {
        var word = (value >> 6) switch { 0 => first, 1 => second, 2 => third, _ => fourth };
        return (word >> value & 1) != 0;
    }

    /// <summary>The bytes from 64 times <paramref name="index"/> on, as bits.</summary>
    public ulong Word(int index) => index switch { 0 => first, 1 => second, 2 => third, _ => fourth };

    /// <summary>The bytes in ascending order.</summary>
    public byte[] ToArray()
    {
        var all = new byte[Count];
        var at = 0;
        ReadOnlySpan<ulong> words = [first, second, third, fourth];
        for (var word = 0; word < words.Length; word++)
        {
            for (var left = words[word]; left != 0; left &= left - 1)
            {
                all[at++] = (byte)((word * 64) + System.Numerics.BitOperations.TrailingZeroCount(left));
            }
        }

        return all;
    }

    public bool Overlaps(in ByteSet other)
        => ((first & other.first) | (second & other.second) | (third & other.third) | (fourth & other.fourth)) != 0;

    public bool IsSubsetOf(in ByteSet other)
        => ((first & ~other.first) | (second & ~other.second) | (third & ~other.third) | (fourth & ~other.fourth)) == 0;

    public static ByteSet operator |(in ByteSet left, in ByteSet right)
        => new(left.first | right.first, left.second | right.second, left.third | right.third, left.fourth | right.fourth);

    public static ByteSet operator &(in ByteSet left, in ByteSet right)
        => new(left.first & right.first, left.second & right.second, left.third & right.third, left.fourth & right.fourth);

    public static ByteSet operator ~(in ByteSet set) => new(~set.first, ~set.second, ~set.third, ~set.fourth);

    public static bool operator ==(in ByteSet left, in ByteSet right) => left.Equals(right);

    public static bool operator !=(in ByteSet left, in ByteSet right) => !left.Equals(right);

    public bool Equals(ByteSet other)
        => first == other.first && second == other.second && third == other.third && fourth == other.fourth;

    public override bool Equals(object? obj) => obj is ByteSet other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(first, second, third, fourth);
}
