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

    /// <summary>Reads a name. Allocates a string only for names that nobody knows.</summary>
    public static FieldName Read(ReadOnlySpan<byte> octets)
    {
        if (octets.IsEmpty) return new(string.Empty, FieldTraits.None, PseudoField.None, isValid: false);
        if (octets[0] == ':') return ReadPseudo(octets);
        if (KnownFields.Find(octets, out var traits) is { } known)
            return new(known, traits, PseudoField.None, !octets.ContainsAnyInRange((byte)'A', (byte)'Z'));
        return new(Encoding.Latin1.GetString(octets), FieldTraits.None, PseudoField.None, !octets.ContainsAnyExcept(LowerTokenOctets));
    }

    private static FieldName ReadPseudo(ReadOnlySpan<byte> octets)
    {
        if (octets.SequenceEqual(":path"u8)) return Defined(":path", PseudoField.Path);
        if (octets.SequenceEqual(":authority"u8)) return Defined(":authority", PseudoField.Authority);
        if (octets.SequenceEqual(":method"u8)) return Defined(":method", PseudoField.Method);
        if (octets.SequenceEqual(":scheme"u8)) return Defined(":scheme", PseudoField.Scheme);
        if (octets.SequenceEqual(":protocol"u8)) return Defined(":protocol", PseudoField.Protocol);
        if (octets.SequenceEqual(":status"u8)) return Defined(":status", PseudoField.Status);
        return new(Encoding.Latin1.GetString(octets), FieldTraits.None, PseudoField.Unknown, isValid: false);

        static FieldName Defined(string text, PseudoField pseudo) => new(text, FieldTraits.None, pseudo, isValid: true);
    }
}
