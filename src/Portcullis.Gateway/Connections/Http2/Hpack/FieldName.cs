using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Connections.Http2.Hpack;

/// <summary>A field name as a sink gets it: found out once, when it comes into a table. The zero value is no valid name.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct FieldName
{
    // RFC 9113 §8.2.1: the token of RFC 9110 §5.6.2 without upper case.
    private static readonly SearchValues<byte> LowerTokenOctets = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"u8);

    private FieldName(string text, FieldTraits traits, PseudoField pseudo, bool isValid)
    {
        Text = text;
        Traits = traits;
        Pseudo = pseudo;
        IsValid = isValid;
    }

    /// <summary>
    /// The canonical text where <see cref="KnownFields"/> has the name (<c>Accept</c>), always the same string; otherwise what was sent, each
    /// char an octet. As long as what was sent in either case.
    /// </summary>
    public string Text { get; }

    public FieldTraits Traits { get; }

    public PseudoField Pseudo { get; }

    /// <summary>Whether it is a token in lower case or a defined pseudo-field (RFC 9113 §8.2.1, §8.3); otherwise the message is malformed.</summary>
    public bool IsValid { get; }

    /// <summary>Reads a name that costs no new string: a known one, a defined pseudo-field's, or none at all.</summary>
    public static bool TryKnown(ReadOnlySpan<byte> octets, out FieldName name)
    {
        if (octets.IsEmpty)
        {
            name = new(string.Empty, FieldTraits.None, PseudoField.None, isValid: false);
            return true;
        }

        if (octets[0] == ':') return TryPseudo(octets, out name);
        var known = KnownFields.Find(octets, out var traits);
        name = known is null ? default : new(known, traits, PseudoField.None, !octets.ContainsAnyInRange((byte)'A', (byte)'Z'));
        return known is not null;
    }

    /// <summary>Reads a name that <see cref="TryKnown"/> does not know.</summary>
    public static FieldName Unknown(ReadOnlySpan<byte> octets)
    {
        var isPseudo = octets[0] == ':';
        return new(Encoding.Latin1.GetString(octets), FieldTraits.None, isPseudo ? PseudoField.Unknown : PseudoField.None, !isPseudo && !octets.ContainsAnyExcept(LowerTokenOctets));
    }

    private static bool TryPseudo(ReadOnlySpan<byte> octets, out FieldName name)
    {
        var (text, pseudo) = octets switch
        {
            _ when octets.SequenceEqual(":path"u8) => (":path", PseudoField.Path),
            _ when octets.SequenceEqual(":authority"u8) => (":authority", PseudoField.Authority),
            _ when octets.SequenceEqual(":method"u8) => (":method", PseudoField.Method),
            _ when octets.SequenceEqual(":scheme"u8) => (":scheme", PseudoField.Scheme),
            _ when octets.SequenceEqual(":protocol"u8) => (":protocol", PseudoField.Protocol),
            _ when octets.SequenceEqual(":status"u8) => (":status", PseudoField.Status),
            _ => (string.Empty, PseudoField.Unknown),
        };
        name = new(text, FieldTraits.None, pseudo, isValid: true);
        return pseudo != PseudoField.Unknown;
    }
}
