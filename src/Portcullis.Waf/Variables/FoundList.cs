using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Variables;

/// <summary>What the targets of one link stand for, in order; reused by link after link.</summary>
internal sealed class FoundList(Arena arena)
{
    private GrowingArray<Found> items = new(32);
    private int most;

    public int Count { get; private set; }

    public ref Found this[int index] => ref items.Items[index];

    /// <summary>A further item, to be filled by the caller.</summary>
    public ref Found Add()
    {
        items.Reserve(Count, Count + 1, arena);
        ref var added = ref items.Items[Count++];
        most = Math.Max(most, Count);
        added = default;
        return ref added;
    }

    public void Clear() => Count = 0;

    /// <summary>Lets go of what the transaction held.</summary>
    public void Forget()
    {
        items.Clear(most);
        most = Count = 0;
    }
}
