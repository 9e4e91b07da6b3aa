using System.Buffers;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// One transformation function (<c>t:</c>) of the ModSecurity reference manual: makes of a value what an operator is to look at.
/// Results are those of ModSecurity 2.9, for which CRS is written, but for one point: a NUL never ends a value. There, some functions take
/// a value for a C string, and what stands behind a NUL would not be looked at.
/// Immutable and without state: one instance serves all threads.
/// </summary>
internal abstract class Transformation
{
    private readonly SearchValues<byte>? search;

    /// <param name="name">As the reference manual writes it.</param>
    /// <param name="triggers">See <see cref="Triggers"/>.</param>
    protected Transformation(string name, ByteSet triggers)
    {
        Name = name;
        Triggers = triggers;
        if (triggers == ByteSet.All) return;
        Span<byte> bytes = stackalloc byte[256];
        var count = 0;
        for (var value = 0; value < 256; value++)
        {
            if (triggers.Contains((byte)value)) bytes[count++] = (byte)value;
        }

        search = SearchValues.Create(bytes[..count]);
    }

    public string Name { get; }

    /// <summary>
    /// A value that holds none of these bytes stays as it is. <see cref="ByteSet.All"/> where nothing can be said, not even of the empty value,
    /// which some of these functions change.
    /// </summary>
    public ByteSet Triggers { get; }

    /// <summary>False if a value of which just these bytes occur surely stays as it is.</summary>
    public bool CanChange(in ByteSet occurring) => search is null || Triggers.Overlaps(occurring);

    /// <summary>The most bytes that can become of <paramref name="length"/> bytes.</summary>
    public virtual int MaximumLength(int length) => length;

    /// <summary>
    /// Transforms <paramref name="value"/> into <paramref name="destination"/>, which has room for <see cref="MaximumLength"/> and doesn't overlap it.
    /// False if the result equals the value: then nothing is to be copied, and what the destination holds means nothing.
    /// </summary>
    public bool TryApply(ReadOnlySpan<byte> value, Span<byte> destination, out int written)
    {
        written = 0;
        var from = search is null ? 0 : value.IndexOfAny(search);
        if (from < 0) return false;
        value[..from].CopyTo(destination);
        var length = Rewrite(value, from, destination);
        if (value.SequenceEqual(destination[..length])) return false;
        written = length;
        return true;
    }

    /// <summary>
    /// Writes the result and returns its length.
    /// </summary>
    /// <param name="value">The whole value.</param>
    /// <param name="from">Where the first trigger is. What stands before it is in the destination already.</param>
    protected abstract int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination);
}
