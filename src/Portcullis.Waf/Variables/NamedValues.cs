using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Variables;

/// <summary>Named values of the message, in the order in which they came: arguments, header fields, cookies, files. A name may occur often.</summary>
internal sealed class NamedValues
{
    private GrowingArray<Entry> entries = new(16);

    public int Count { get; private set; }

    public ref readonly Entry this[int index] => ref entries.Items[index];

    public void Add(in Entry entry, Arena arena)
    {
        entries.Reserve(Count, Count + 1, arena);
        entries.Items[Count++] = entry;
    }

    public void Clear()
    {
        entries.Clear(Count);
        Count = 0;
    }

    /// <param name="Name">The name as the client wrote it.</param>
    /// <param name="NameId">Its number, if a rule mentions it.</param>
    /// <param name="NameValue">The name as a value of the <see cref="Engine.ValueTable"/>.</param>
    /// <param name="Value">The value, likewise.</param>
    internal readonly record struct Entry(Slice Name, int NameId, int NameValue, int Value);
}
