namespace Portcullis.Waf.Injection;

/// <summary>
/// Kinds of names that are compared as a whole. A name is one number: its bytes in upper case, without zero bytes, which old browsers ignored.
/// Built once, then read only.
/// </summary>
internal sealed class HtmlNameTable
{
    /// <summary>The longest of the names, <c>ATTRIBUTENAME</c>, fits; a longer one equals none.</summary>
    private const int PackedLength = 16;
    private const int SlotBits = 6;
    private const int SlotCount = 1 << SlotBits;
    private const ulong HashFactor = 0x9E3779B97F4A7C15;

    /// <summary>Open addressing; 0 is free. About a third is taken.</summary>
    private readonly UInt128[] slots = new UInt128[SlotCount];
    private readonly HtmlAttributeKind[] kinds = new HtmlAttributeKind[SlotCount];

    /// <summary>Adds names of one kind, in upper case with a space between.</summary>
    public HtmlNameTable With(ReadOnlySpan<byte> names, HtmlAttributeKind kind)
    {
        foreach (var range in names.Split((byte)' '))
        {
            if (!TryPack(names[range], out var packed))
                throw new InvalidOperationException("A name of the table is too long.");
            var at = SlotOf(packed);
            while (slots[at] != UInt128.Zero)
                at = (at + 1) % SlotCount;
            (slots[at], kinds[at]) = (packed, kind);
        }

        return this;
    }

    /// <summary>The kind of a name whatever its case; harmless if it is not in the table.</summary>
    public HtmlAttributeKind KindOf(ReadOnlySpan<byte> name)
    {
        if (!TryPack(name, out var packed))
            return HtmlAttributeKind.Harmless;
        var at = SlotOf(packed);
        while (slots[at] != UInt128.Zero && slots[at] != packed)
            at = (at + 1) % SlotCount;
        return kinds[at];
    }

    private static int SlotOf(UInt128 packed) => (int)((ulong)packed * HashFactor >> (64 - SlotBits));

    /// <summary>False if the name is too long for any in question.</summary>
    private static bool TryPack(ReadOnlySpan<byte> name, out UInt128 packed)
    {
        var (upper, lower) = (0UL, 0UL);
        var length = 0;
        foreach (var one in name)
        {
            if (one == 0)
                continue;
            if (++length > PackedLength)
                break;
            upper = upper << 8 | lower >> 56;
            lower = lower << 8 | (ulong)HtmlNames.ToUpper(one);
        }

        packed = new UInt128(upper, lower);
        return length <= PackedLength;
    }
}
