using System.Buffers;
using System.Runtime.CompilerServices;

namespace Portcullis.Waf.Bytes;

/// <summary>
/// An array that grows with what a client sends. The first one, enough for usual requests, is kept for ever; larger ones come from the shared pool, count against
/// the transaction's limit with all that they hold, and go back at the end.
/// </summary>
internal struct GrowingArray<T>
{
    private readonly T[] first;

    public GrowingArray(int size) => Items = first = new T[size];

    public T[] Items { get; private set; }

    /// <summary>Room for at least <paramref name="needed"/> items, of which the first <paramref name="used"/> are kept; the others hold anything.</summary>
    public void Reserve(int used, int needed, Arena arena)
    {
        if (needed <= Items.Length) return;
        var larger = ArrayPool<T>.Shared.Rent(Math.Max(needed, Items.Length * 2));
        Array.Copy(Items, larger, used);
        var counted = Items == first ? 0 : Items.Length;
        Clear(used);
        Items = larger;
        arena.Charge(((long)larger.Length - counted) * Unsafe.SizeOf<T>());
    }

    /// <summary>Forgets the first <paramref name="used"/> items, and gives back what is beyond the first array.</summary>
    public void Clear(int used)
    {
        // References into memory that goes back to a pool must not stay anywhere.
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>()) Array.Clear(Items, 0, used);
        if (Items == first) return;
        ArrayPool<T>.Shared.Return(Items);
        Items = first;
    }
}
