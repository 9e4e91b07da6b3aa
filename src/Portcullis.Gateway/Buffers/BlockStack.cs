namespace Portcullis.Gateway.Buffers;

/// <summary>Free blocks, the one used last on top: it is the one that is still in the processor's cache. Thread safe.</summary>
/// <param name="most">The cap: a block that does not fit is left to the collector.</param>
internal sealed class BlockStack(int most)
{
    private readonly Lock gate = new();
    private Block?[] blocks = [];
    private int count;

    // The least that lay here since the last trim: so many nobody needed.
    private int unused;

    public int Count => Volatile.Read(ref count);

    public Block? Pop()
    {
        if (Count == 0) return null;
        lock (gate)
        {
            if (count == 0) return null;
            var block = blocks[--count];
            blocks[count] = null;
            if (count < unused) unused = count;
            return block;
        }
    }

    public void Push(Block block)
    {
        lock (gate)
        {
            if (count == most) return;
            if (count == blocks.Length) Array.Resize(ref blocks, Math.Min(most, Math.Max(16, count * 2)));
            blocks[count++] = block;
        }
    }

    /// <summary>Lets go of half of what was not needed since the last call, the lowest first.</summary>
    public void Trim()
    {
        lock (gate)
        {
            var gone = (unused + 1) / 2;
            Array.Copy(blocks, gone, blocks, 0, count - gone);
            Array.Clear(blocks, count - gone, gone);
            count -= gone;
            unused = count;
        }
    }
}
