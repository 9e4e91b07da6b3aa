using System.Buffers;
using System.Text;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>A field name as the encoder writes it: in lower case (RFC 9113 §8.2.1), its octets ready to be copied. Immutable.</summary>
internal sealed class FieldForm
{
    /// <summary>How many different <see cref="Slot"/> there are.</summary>
    public const int Slots = 64;

    /// <exception cref="ArgumentException">The name is not US-ASCII: a bug of whoever set the field.</exception>
    public FieldForm(string name, Indexing indexing)
    {
        var lower = new byte[name.Length];
        if (Ascii.ToLower(name, lower, out _) != OperationStatus.Done) throw new ArgumentException("A field name is not a token (RFC 9110 §5.1).", nameof(name));
        Name = name;
        Indexing = indexing;
        Slot = HashOf(name) & (Slots - 1);
        StaticIndex = StaticTable.Find(Encoding.ASCII.GetString(lower), out var value);
        StaticValue = value;
        Literal = StaticIndex == 0 ? Write(0, lower) : Write(0, 4, StaticIndex);
        if (indexing == Indexing.Never) Literal[0] |= 0x10;
        Added = StaticIndex == 0 ? Write(0x40, lower) : Write(0x40, 6, StaticIndex);
    }

    public string Name { get; }

    public Indexing Indexing { get; }

    /// <summary>The list of the encoder's table in which entries of this name are.</summary>
    public int Slot { get; }

    /// <summary>The first entry of the name in the static table; 0 where there is none.</summary>
    public int StaticIndex { get; }

    /// <summary>The value of that entry.</summary>
    public string? StaticValue { get; }

    /// <summary>All before the value of a literal that is not put into the table (RFC 7541 §6.2.2, §6.2.3).</summary>
    public byte[] Literal { get; }

    /// <summary>All before the value of a literal that is put into the table (RFC 7541 §6.2.1).</summary>
    public byte[] Added { get; }

    /// <summary>A hash that is the same in any case of letters. The name is not empty.</summary>
    public static int HashOf(string name)
        => (name.Length * 37) ^ ((name[0] | 0x20) * 3) ^ ((name[^1] | 0x20) * 11) ^ ((name[name.Length / 2] | 0x20) * 29);

    /// <summary>Whether the form is that of a name, in any case of letters.</summary>
    public bool IsOf(string name) => ReferenceEquals(Name, name) || Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static byte[] Write(int form, int prefixBits, int index)
    {
        Span<byte> octets = stackalloc byte[HpackInteger.MostLength];
        return octets[..HpackInteger.Write(octets, form, prefixBits, index)].ToArray();
    }

    private static byte[] Write(int form, ReadOnlySpan<byte> name)
    {
        var octets = new byte[1 + HpackInteger.MostLength + name.Length];
        octets[0] = (byte)form; // and the index 0 (RFC 7541 §6.2)
        return octets[..(1 + HpackString.WriteShorter(octets.AsSpan(1), name))];
    }
}
