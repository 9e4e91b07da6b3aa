using System.Buffers;

namespace Portcullis.Waf.Bytes;

/// <summary>
/// The memory of one transaction: blocks from the shared pool, given out in order and all returned at the end. A slice never moves, so it stays valid
/// until <see cref="Clear"/>. Not safe for concurrent use.
/// </summary>
internal sealed class Arena
{
    private const int BlockSize = 16 * 1024;

    /// <summary>Blocks double up to this, so that they are few: the shared pool keeps only so many of one size.</summary>
    private const int LargestBlock = 1024 * 1024;

    private readonly List<byte[]> blocks = [];
    private byte[] current = new byte[BlockSize];
    private int used;
    private int reserved;
    private long charged;

    /// <summary>The most bytes that one transaction may take, blocks and tables together. Where it is reached, see <see cref="IsFull"/>.</summary>
    public long Limit { get; set; } = long.MaxValue;

    /// <summary>What the transaction holds now beyond the first block, which it keeps for ever.</summary>
    public long Held => charged;

    /// <summary>
    /// More was wanted than <see cref="Limit"/>. What is small is still given, so that whoever is at work comes to an end; all loops over rules and values stop.
    /// </summary>
    public bool IsFull { get; private set; }

    /// <summary>Whether a large piece fits. Asked before anything is made whose size is not bounded by what came in; false makes the arena full.</summary>
    public bool HasRoom(long size)
    {
        if (size <= current.Length - used || charged + size <= Limit) return !IsFull;
        IsFull = true;
        return false;
    }

    /// <summary>Something that a rule wants to look at is beyond a bound of its own.</summary>
    public void Fill() => IsFull = true;

    /// <summary>Counts memory that grows elsewhere with what a client sends.</summary>
    public void Charge(long bytes)
    {
        charged += bytes;
        if (charged > Limit) IsFull = true;
    }

    /// <summary>A copy of <paramref name="value"/>.</summary>
    public Slice Copy(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return default;
        value.CopyTo(Reserve(value.Length));
        return Commit(value.Length);
    }

    /// <summary>Room for up to <paramref name="size"/> bytes, of which <see cref="Commit"/> keeps what was written. One reservation at a time.</summary>
    public Span<byte> Reserve(int size)
    {
        if (size > current.Length - used)
        {
            blocks.Add(current);
            current = ArrayPool<byte>.Shared.Rent(Math.Max(size, Math.Min(BlockSize << Math.Min(blocks.Count - 1, 16), LargestBlock)));
            used = 0;
            Charge(current.Length);
        }

        reserved = size;
        return current.AsSpan(used, size);
    }

    public Slice Commit(int length)
    {
        if ((uint)length > (uint)reserved) throw new ArgumentOutOfRangeException(nameof(length));
        reserved = 0;
        if (length == 0) return default;
        var slice = new Slice(current, used, length);
        used += length;
        return slice;
    }

    /// <summary>Takes all slices back. Blocks beyond the first return to the pool, so that one large request does not hold memory for ever.</summary>
    public void Clear()
    {
        if (blocks.Count > 0)
        {
            ArrayPool<byte>.Shared.Return(current);
            for (var index = 1; index < blocks.Count; index++) ArrayPool<byte>.Shared.Return(blocks[index]);
            current = blocks[0];
            blocks.Clear();
        }

        used = 0;
        reserved = 0;
        charged = 0;
        IsFull = false;
    }
}
