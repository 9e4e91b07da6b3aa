using System.Runtime.InteropServices;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>
/// Remembers which fields have come of late, as hashes, so that only what repeats is put into a table. One field takes another's place now and then:
/// that costs a later entry, nothing else.
/// </summary>
internal sealed class SeenFields
{
    private const int Slots = 64;

    private readonly int[] hashes = new int[Slots];

    /// <summary>Notes a field, and says whether it has come before.</summary>
    public bool IsSecond(FieldForm form, string value) => IsSecond(HashCode.Combine(form.Slot, value.GetHashCode(StringComparison.Ordinal)));

    /// <summary>As the other, whose fields it does not know.</summary>
    public bool IsSecond(FieldForm form, ReadOnlySpan<byte> value)
    {
        var hash = default(HashCode);
        hash.Add(form.Slot);
        hash.AddBytes(value);
        return IsSecond(hash.ToHashCode());
    }

    private bool IsSecond(int hash)
    {
        ref var before = ref hashes[hash & (Slots - 1)];
        if (before == hash) return true;
        before = hash;
        return false;
    }
}
