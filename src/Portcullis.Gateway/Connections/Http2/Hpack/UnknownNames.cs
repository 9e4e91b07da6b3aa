using System.Text;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>
/// Remembers a few names that <see cref="Fields.KnownFields"/> lacks and that come as literals again and again, as clients without a dynamic table send
/// them, so that they cost no new string each time.
/// </summary>
internal sealed class UnknownNames
{
    /// <summary>Most names; a further one takes the place of another.</summary>
    private const int Most = 8;

    /// <summary>Places of the array that a name may have.</summary>
    private const int Places = 4;

    /// <summary>Longest name that is remembered, octets.</summary>
    private const int MostLength = 64;

    private FieldName[]? names;

    /// <summary>Reads a name that <see cref="FieldName.TryKnown"/> does not know.</summary>
    public FieldName Read(ReadOnlySpan<byte> octets)
    {
        if (octets.Length > MostLength) return FieldName.Unknown(octets);
        names ??= new FieldName[Most];
        var first = (octets.Length * 5) ^ octets[0] ^ (octets[octets.Length / 2] * 3) ^ octets[^1];
        for (var i = 0; i < Places; i++)
        {
            ref var name = ref names[(first + i) & (Most - 1)];
            if (name.Text is null) return name = FieldName.Unknown(octets);
            if (Ascii.Equals(octets, name.Text)) return name;
        }

        return names[first & (Most - 1)] = FieldName.Unknown(octets);
    }
}
