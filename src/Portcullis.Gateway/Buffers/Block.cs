using System.Buffers;

namespace Portcullis.Gateway.Buffers;

/// <summary>Memory rented from a <see cref="BlockPool"/>. Disposing it gives it back; by then it may be another's, so once only.</summary>
internal sealed class Block : IMemoryOwner<byte>
{
    private readonly BlockPool pool;
    private int rented;

    public Block(BlockPool pool, int size)
    {
        this.pool = pool;

        // Sockets hold on to blocks for long: pinned from the start they don't stand in the collector's way.
        Array = GC.AllocateUninitializedArray<byte>(size, pinned: true);
    }

    /// <summary>The whole block. What another renter left in it is still there.</summary>
    public byte[] Array { get; }

    public Memory<byte> Memory => Array;

    /// <summary>Marks the block as handed out.</summary>
    public Block Rented()
    {
        Volatile.Write(ref rented, 1);
        return this;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref rented, 0) != 0) pool.Return(this);
    }
}
