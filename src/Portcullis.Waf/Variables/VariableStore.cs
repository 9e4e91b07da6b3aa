using System.Buffers.Text;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Variables;

/// <summary>
/// The variables that rules set (TX, ENV): numbers stay numbers. A name that stands in a rule is found by its number, one that a rule makes up at run time
/// by comparison. Not safe for concurrent use.
/// </summary>
internal sealed class VariableStore(NameTable names, Arena arena)
{
    /// <summary>At this many variables a further one is not kept: rules that make names of what a client sends are bounded by it.</summary>
    public const int Capacity = 4096;

    private Entry[] items = new Entry[64];
    private int[] byName = [];

    public int Count { get; private set; }

    public ref readonly Entry this[int index] => ref items[index];

    /// <summary>Index of the variable, or -1 if it is not set.</summary>
    public int Find(int nameId, ReadOnlySpan<byte> name)
    {
        if (nameId != NameTable.Unknown)
        {
            var at = nameId < byName.Length ? byName[nameId] - 1 : -1;
            return at >= 0 && items[at].IsSet ? at : -1;
        }

        for (var at = 0; at < Count; at++)
        {
            if (items[at].IsSet && items[at].NameId == NameTable.Unknown && AsciiCase.EqualsIgnoreCase(items[at].Name.Span, name)) return at;
        }

        return -1;
    }

    public void Set(int nameId, Slice name, long number) => Place(nameId, name, new Entry { NameId = nameId, Name = name, IsNumber = true, Number = number, IsSet = true });

    public void Set(int nameId, Slice name, Slice text) => Place(nameId, name, new Entry { NameId = nameId, Name = name, Text = text, IsSet = true });

    public void Unset(int nameId, ReadOnlySpan<byte> name)
    {
        var at = Find(nameId, name);
        if (at >= 0) items[at].IsSet = false;
    }

    /// <summary>The value as bytes; a number is written out once.</summary>
    public Slice Text(int index)
    {
        ref var item = ref items[index];
        if (item.IsNumber && item.Text.IsEmpty) item.Text = Decimal(arena, item.Number);
        return item.Text;
    }

    public void Clear()
    {
        for (var at = 0; at < Count; at++)
        {
            if (items[at].NameId != NameTable.Unknown) byName[items[at].NameId] = 0;
        }

        Array.Clear(items, 0, Count);
        Count = 0;
        if (items.Length > 512) items = new Entry[64];
    }

    public static Slice Decimal(Arena arena, long number)
    {
        Utf8Formatter.TryFormat(number, arena.Reserve(20), out var written);
        return arena.Commit(written);
    }

    private void Place(int nameId, Slice name, in Entry item)
    {
        var at = Find(nameId, name.Span);
        if (at >= 0)
        {
            items[at] = item;
            return;
        }

        if (Count == Capacity) return;
        if (Count == items.Length) Array.Resize(ref items, items.Length * 2);
        if (nameId != NameTable.Unknown)
        {
            if (byName.Length < names.Count) Array.Resize(ref byName, names.Count);
            if (byName[nameId] is > 0 and var before)
            {
                // It was unset: it keeps its place.
                items[before - 1] = item;
                return;
            }

            byName[nameId] = Count + 1;
        }

        items[Count++] = item;
    }

    internal struct Entry
    {
        public int NameId;
        public Slice Name;
        public bool IsSet;
        public bool IsNumber;
        public long Number;
        public Slice Text;
    }
}
