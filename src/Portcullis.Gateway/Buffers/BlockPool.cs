using System.Buffers;

namespace Portcullis.Gateway.Buffers;

/// <summary>
/// Blocks of memory of one size. The framework's shared pools keep at most 32 arrays of a size for each core, and so allocate with every
/// request as soon as more connections than that have a buffer at once. Thread safe.
/// </summary>
/// <remarks>
/// One stack for each core keeps cores out of each other's way. What lies unused is let go of by halves, every
/// <see cref="TrimInterval"/>. A pool lives as long as the process; disposing it does nothing.
/// </remarks>
internal sealed class BlockPool : MemoryPool<byte>
{
    /// <summary>Time between two looks for unused blocks.</summary>
    public static readonly TimeSpan TrimInterval = TimeSpan.FromSeconds(15);

    /// <summary>Most memory that one of the shared pools keeps, octets; blocks beyond that are left to the collector when they are returned.</summary>
    private const int MostKept = 64 * 1024 * 1024;

    private const int MostStacks = 16;

    private const int NoKind = -1;

    /// <summary>Blocks that each thread keeps for itself of each of the shared pools.</summary>
    private const int MostOwn = 4;

    [ThreadStatic]
    private static OwnBlocks? own;

    private readonly int size;
    private readonly int kind;
    private readonly BlockStack[] stacks;
    private readonly ITimer trimming;

    /// <param name="size">Octets of each block.</param>
    /// <param name="most">Most blocks kept.</param>
    /// <param name="clock">Measures <see cref="TrimInterval"/>.</param>
    public BlockPool(int size, int most, TimeProvider clock)
        : this(size, most, clock, NoKind)
    {
    }

    private BlockPool(int size, int most, TimeProvider clock, int kind)
    {
        this.size = size;
        this.kind = kind;
        stacks = new BlockStack[Math.Min(Environment.ProcessorCount, MostStacks)];
        for (var i = 0; i < stacks.Length; i++) stacks[i] = new BlockStack(Math.Max(1, most / stacks.Length));
        trimming = clock.CreateTimer(static pool => ((BlockPool)pool!).Trim(), this, TrimInterval, TrimInterval);
    }

    /// <summary>4 KiB: heads.</summary>
    public static BlockPool Small { get; } = new(4 * 1024, MostKept / (4 * 1024), TimeProvider.System, kind: 0);

    /// <summary>16 KiB, a TLS record's most: what clients and upstreams send, and pieces of bodies. Held only while there is something in it.</summary>
    public static BlockPool Large { get; } = new(16 * 1024, MostKept / (16 * 1024), TimeProvider.System, kind: 1);

    /// <summary>Blocks that are free.</summary>
    public int Free
    {
        get
        {
            var free = 0;
            foreach (var stack in stacks) free += stack.Count;
            return free;
        }
    }

    public override int MaxBufferSize => size;

    /// <summary>Rents one block, whatever less is asked for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More is asked for than a block holds.</exception>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, size);
        return RentBlock();
    }

    /// <summary>Rents one block.</summary>
    public Block RentBlock()
    {
        if (kind != NoKind && own is { } mine && mine.Counts[kind] > 0) return mine.Blocks[(kind * MostOwn) + --mine.Counts[kind]]!.Rented();
        var first = OwnStack();
        for (var i = 0; i < stacks.Length; i++)
        {
            if (stacks[(first + i) % stacks.Length].Pop() is { } block) return block.Rented();
        }

        return new Block(this, size).Rented();
    }

    /// <summary>Takes back a block; <see cref="Block.Dispose"/> alone calls it.</summary>
    internal void Return(Block block)
    {
        if (kind != NoKind)
        {
            var mine = own ??= new OwnBlocks();
            if (mine.Counts[kind] < MostOwn)
            {
                mine.Blocks[(kind * MostOwn) + mine.Counts[kind]++] = block;
                return;
            }
        }

        stacks[OwnStack()].Push(block);
    }

    protected override void Dispose(bool disposing)
    {
        // Those who are handed a pool by a factory dispose it, but it is everybody's.
    }

    private int OwnStack() => (int)((uint)Thread.GetCurrentProcessorId() % (uint)stacks.Length);

    private void Trim()
    {
        foreach (var stack in stacks) stack.Trim();
    }

    private sealed class OwnBlocks
    {
        public Block?[] Blocks { get; } = new Block?[2 * MostOwn];

        public int[] Counts { get; } = new int[2];
    }
}
