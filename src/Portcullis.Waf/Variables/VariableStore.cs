using System.Buffers.Text;
using System.Text;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Engine;

namespace Portcullis.Waf.Variables;

/// <summary>
/// The variables that rules set (TX, ENV): numbers stay numbers. A name that stands in a rule is found by its number, one that a rule makes up at run time
/// by a hash that clients can't foresee. Not safe for concurrent use.
/// </summary>
internal sealed class VariableStore(NameTable names)
{
    /// <summary>Puts off what is under the names 0 to 9; null where nothing does.</summary>
    public CaptureGroups? Deferred { get; init; }

    /// <summary>At this many made-up names a further one is not kept. Names that stand in rules always are.</summary>
    public const int MaximumMadeUp = 4096;

    private const int Buckets = 1024;

    private Entry[] items = new Entry[64];
    private int[] byName = [];
    private int[] buckets = [];
    private int madeUp;

    public int Count { get; private set; }

    public ref readonly Entry this[int index] => ref items[index];

    /// <summary>Index of the variable, or -1 if it is not set.</summary>
    public int Find(int nameId, ReadOnlySpan<byte> name)
    {
        if ((uint)nameId < (uint)CaptureGroups.Names.Length) Deferred?.Settle();
        return Place(nameId, name) is >= 0 and var at && items[at].IsSet ? at : -1;
    }

    /// <summary>Sets a number. False if the name is made up and one too many.</summary>
    public bool Set(int nameId, Slice name, long number) => Write(new Entry { NameId = nameId, Name = name, IsNumber = true, Number = number, IsSet = true });

    /// <summary>Sets what was put together before, under a name that stands in a rule.</summary>
    public void Set(in Entry prepared) => Write(prepared);

    /// <summary>Sets a text, likewise.</summary>
    public bool Set(int nameId, Slice name, Slice text) => Write(new Entry { NameId = nameId, Name = name, Text = text, IsSet = true });

    public void Unset(int nameId, ReadOnlySpan<byte> name)
    {
        var at = Find(nameId, name);
        if (at >= 0) items[at].IsSet = false;
    }

    public void Clear()
    {
        for (var at = 0; at < Count; at++)
        {
            if (items[at].NameId != NameTable.Unknown) byName[items[at].NameId] = 0;
        }

        if (madeUp > 0) Array.Clear(buckets);
        Array.Clear(items, 0, Count);
        Count = madeUp = 0;
        if (items.Length > 512) items = new Entry[64];
    }

    public static Slice Decimal(Arena arena, long number)
    {
        Utf8Formatter.TryFormat(number, arena.Reserve(20), out var written);
        return arena.Commit(written);
    }

    private bool Write(Entry item)
    {
        if ((uint)item.NameId < (uint)CaptureGroups.Names.Length) Deferred?.Settle();
        // One that was unset keeps its place.
        var at = Place(item.NameId, item.Name.Span);
        if (at < 0 && (at = Take(item)) < 0) return false;
        item.Next = items[at].Next;
        items[at] = item;
        return true;
    }

    private int Place(int nameId, ReadOnlySpan<byte> name)
    {
        if (nameId != NameTable.Unknown) return nameId < byName.Length ? byName[nameId] - 1 : -1;
        if (madeUp == 0) return -1;
        var at = buckets[Bucket(name)] - 1;
        while (at >= 0 && !AsciiCase.EqualsIgnoreCase(items[at].Name.Span, name)) at = items[at].Next - 1;
        return at;
    }

    private int Take(in Entry item)
    {
        if (item.NameId == NameTable.Unknown && madeUp == MaximumMadeUp) return -1;
        if (Count == items.Length) Array.Resize(ref items, items.Length * 2);
        if (item.NameId != NameTable.Unknown)
        {
            if (byName.Length < names.Count) Array.Resize(ref byName, names.Count);
            byName[item.NameId] = Count + 1;
        }
        else
        {
            if (buckets.Length == 0) buckets = new int[Buckets];
            ref var first = ref buckets[Bucket(item.Name.Span)];
            items[Count].Next = first;
            first = Count + 1;
            madeUp++;
        }

        return Count++;
    }

    // The runtime's hash has a random key, and does not look at case.
    private static int Bucket(ReadOnlySpan<byte> name)
    {
        Span<char> characters = stackalloc char[128];
        var hash = name.Length;
        while (!name.IsEmpty)
        {
            var count = Encoding.Latin1.GetChars(name[..Math.Min(name.Length, characters.Length)], characters);
            hash = (hash * 31) ^ string.GetHashCode(characters[..count], StringComparison.OrdinalIgnoreCase);
            name = name[count..];
        }

        return hash & (Buckets - 1);
    }

    internal struct Entry
    {
        public int NameId;
        public Slice Name;
        public bool IsSet;
        public bool IsNumber;
        public long Number;
        public Slice Text;

        /// <summary>Of a made-up name: the next one in its bucket, as index + 1.</summary>
        public int Next;

        public static Entry Of(int nameId, Slice name, Slice text, long? number) => number is { } known
            ? new Entry { NameId = nameId, Name = name, IsNumber = true, Number = known, IsSet = true }
            : new Entry { NameId = nameId, Name = name, Text = text, IsSet = true };
    }
}
