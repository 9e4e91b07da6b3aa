using System.Buffers;

namespace Portcullis.Waf.Bytes;

/// <summary>
/// Bytes that are put together piece by piece, in memory of the shared pool. Grows as far as it is told to; whoever makes one disposes it.
/// </summary>
internal ref struct PooledBytes
{
    private const int FirstSize = 256;

    private byte[]? rented;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => rented.AsSpan(0, Length);

    /// <summary>Room for at least <paramref name="size"/> bytes behind what is written. Say with <see cref="Advance"/> how many of them count.</summary>
    public Span<byte> Room(int size)
    {
        var needed = checked(Length + size);
        if (rented is null || rented.Length < needed) Grow(needed);
        return rented.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    public void Append(byte value)
    {
        Room(1)[0] = value;
        Length++;
    }

    /// <summary>Forgets all behind the first <paramref name="length"/> bytes.</summary>
    public void Truncate(int length) => Length = Math.Min(length, Length);

    public void Dispose()
    {
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        rented = null;
        Length = 0;
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(FirstSize, Length * 2)));
        Written.CopyTo(larger);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        rented = larger;
    }
}
