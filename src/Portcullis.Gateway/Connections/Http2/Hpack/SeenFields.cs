namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>
/// Remembers which fields have come of late, as hashes, so that only what repeats is put into a table. Where several fields contend for a place,
/// chance decides which of them stays: each comes into the table sooner or later.
/// </summary>
internal sealed class SeenFields
{
    private const int Sets = 32;
    private const int Ways = 4;

    private readonly int[] hashes = new int[Sets * Ways];
    private uint dice = 1;

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
        var set = hashes.AsSpan((hash & (Sets - 1)) * Ways, Ways);
        if (set.Contains(hash)) return true;

        // Linear congruential, with the factors of Numerical Recipes; the upper bits are the good ones.
        dice = (dice * 1_664_525) + 1_013_904_223;
        var free = set.IndexOf(0);
        set[free >= 0 ? free : (int)(dice >> 30)] = hash;
        return false;
    }
}
