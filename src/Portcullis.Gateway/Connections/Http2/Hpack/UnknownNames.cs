using System.Text;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>
/// Remembers a few names that <see cref="Fields.KnownFields"/> lacks and that come as literals again and again, as clients without a dynamic table
/// send them, so that they cost no new string each time.
/// </summary>
internal sealed class UnknownNames
{
    /// <summary>Most names; a further one takes the place of another.</summary>
    private const int Most = 8;

    /// <summary>Longest name that is remembered, octets.</summary>
    private const int MostLength = 64;

    private FieldName[]? names;

    public FieldName Read(ReadOnlySpan<byte> octets)
    {
        if (octets.Length is 0 or > MostLength) return FieldName.Read(octets);
        names ??= new FieldName[Most];
        ref var place = ref names[((octets.Length * 5) ^ octets[0] ^ (octets[octets.Length / 2] * 3) ^ octets[^1]) & (Most - 1)];
        if (place.IsValid && Ascii.Equals(octets, place.Text)) return place;
        var name = FieldName.Read(octets);
        if (name.IsValid && name.Traits == FieldTraits.None) place = name;
        return name;
    }
}
