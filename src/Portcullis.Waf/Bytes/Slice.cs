using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Portcullis.Waf.Bytes;

/// <summary>
/// Bytes that live as long as their transaction (in its <see cref="Arena"/>) or their rule set. The default is the empty value.
/// Unlike <see cref="ReadOnlyMemory{T}"/> it is always over an array, which makes reading it cheap.
/// </summary>
internal readonly struct Slice
{
    private readonly byte[]? array;
    private readonly int start;

    public Slice(byte[] array, int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, array.Length - start);
        this.array = array;
        this.start = start;
        Length = length;
    }

    public Slice(byte[] array)
        : this(array, 0, array.Length)
    {
    }

    public int Length { get; }

    public bool IsEmpty => Length == 0;

    public ReadOnlySpan<byte> Span
    {
        // The constructor has checked the bounds once for all.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => array is null ? default : MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(array), (nint)(uint)start), Length);
    }

    public Slice Part(int from, int length)
    {
        if ((uint)from > (uint)Length) throw new ArgumentOutOfRangeException(nameof(from));
        if ((uint)length > (uint)(Length - from)) throw new ArgumentOutOfRangeException(nameof(length));
        return length == 0 ? default : new Slice(array!, start + from, length);
    }

    /// <summary>The bytes as text for a log: UTF-8, invalid sequences replaced.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Span);

    /// <summary>Bytes of text that stands in a rule file, read as Latin-1.</summary>
    public static Slice Of(string latin1) => latin1.Length == 0 ? default : new Slice(Encoding.Latin1.GetBytes(latin1));
}
