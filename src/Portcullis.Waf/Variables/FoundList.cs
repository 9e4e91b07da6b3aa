namespace Portcullis.Waf.Variables;

/// <summary>What the targets of one link stand for, in order; reused by link after link.</summary>
internal sealed class FoundList
{
    private Found[] items = new Found[32];

    public int Count { get; private set; }

    public ref Found this[int index] => ref items[index];

    /// <summary>A further item, to be filled by the caller.</summary>
    public ref Found Add()
    {
        if (Count == items.Length) Array.Resize(ref items, items.Length * 2);
        ref var added = ref items[Count++];
        added = default;
        return ref added;
    }

    public void Truncate(int count) => Count = count;

    public void Clear()
    {
        Count = 0;
        if (items.Length > 8192) items = new Found[32];
    }

    /// <summary>Lets go of what the transaction held.</summary>
    public void Forget()
    {
        Array.Clear(items);
        Clear();
    }
}
