using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Variables;

/// <summary>Named values of the message, in the order in which they came: arguments, header fields, cookies, files. A name may occur often.</summary>
internal sealed class NamedValues
{
    private Entry[] entries = new Entry[16];

    public int Count { get; private set; }

    public ref readonly Entry this[int index] => ref entries[index];

    public void Add(in Entry entry)
    {
        if (Count == entries.Length) Array.Resize(ref entries, entries.Length * 2);
        entries[Count++] = entry;
    }

    public void Clear()
    {
        Array.Clear(entries, 0, Count);
        Count = 0;
        if (entries.Length > 512) entries = new Entry[16];
    }

    /// <param name="Name">The name as the client wrote it.</param>
    /// <param name="NameId">Its number, if a rule mentions it.</param>
    /// <param name="NameValue">The name as a value of the <see cref="Engine.ValueTable"/>.</param>
    /// <param name="Value">The value, likewise.</param>
    internal readonly record struct Entry(Slice Name, int NameId, int NameValue, int Value);
}
