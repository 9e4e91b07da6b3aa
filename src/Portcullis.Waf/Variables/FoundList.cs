namespace Portcullis.Waf.Variables;

/// <summary>What the targets of one link stand for, in order; reused by link after link.</summary>
internal sealed class FoundList
{
    private Found[] items = new Found[32];
    private int most;

    public int Count { get; private set; }

    public ref Found this[int index] => ref items[index];

    /// <summary>A further item, to be filled by the caller.</summary>
    public ref Found Add()
    {
        if (Count == items.Length) Array.Resize(ref items, items.Length * 2);
        ref var added = ref items[Count++];
        most = Math.Max(most, Count);
        added = default;
        return ref added;
    }

    public void Clear() => Count = 0;

    /// <summary>Lets go of what the transaction held.</summary>
    public void Forget()
    {
        Array.Clear(items, 0, most);
        most = 0;
        Count = 0;
        if (items.Length > 1024) items = new Found[32];
    }
}
