namespace Portcullis.Trust.OneTimeCodes;

/// <summary>Five bits a character, most significant first, without padding. Strict: one spelling for each value.</summary>
internal sealed class Base32
{
    private readonly string alphabet;
    private readonly sbyte[] values = new sbyte[128];

    private Base32(string alphabet)
    {
        this.alphabet = alphabet;
        Array.Fill(values, (sbyte)-1);
        for (var i = 0; i < alphabet.Length; i++)
            values[alphabet[i]] = (sbyte)i;
    }

    /// <summary>The alphabet of RFC 4648, section 6, which authenticator apps read.</summary>
    public static Base32 Rfc4648 { get; } = new("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");

    /// <summary>Digits and capitals without I, L, O and U, which are taken for others or make words.</summary>
    public static Base32 Readable { get; } = new("0123456789ABCDEFGHJKMNPQRSTVWXYZ");

    /// <summary><see cref="Readable"/> in lower case.</summary>
    public static Base32 Lower { get; } = new("0123456789abcdefghjkmnpqrstvwxyz");

    public static int EncodedLength(int bytes) => ((bytes * 8) + 4) / 5;

    public char Character(int value) => alphabet[value];

    /// <summary>The value of a character, or -1.</summary>
    public int Value(int character) => (uint)character < 128 ? values[character] : -1;

    public void Encode(ReadOnlySpan<byte> bytes, Span<char> text)
    {
        var (bits, have, at) = (0, 0, 0);
        foreach (var octet in bytes)
        {
            bits = (bits << 8) | octet;
            have += 8;
            for (; have >= 5; have -= 5)
                text[at++] = alphabet[(bits >> (have - 5)) & 31];
            bits &= (1 << have) - 1;
        }

        if (have > 0)
            text[at] = alphabet[(bits << (5 - have)) & 31];
    }

    /// <summary>False for a character that is none of the alphabet, a length that no value has, or unused bits that are not zero.</summary>
    public bool TryDecode(ReadOnlySpan<byte> text, Span<byte> bytes)
    {
        if (text.Length != EncodedLength(bytes.Length))
            return false;
        var (bits, have, at) = (0, 0, 0);
        foreach (var character in text)
        {
            var value = Value(character);
            if (value < 0)
                return false;
            bits = (bits << 5) | value;
            have += 5;
            if (have < 8)
                continue;
            have -= 8;
            bytes[at++] = (byte)(bits >> have);
            bits &= (1 << have) - 1;
        }

        return bits == 0;
    }
}
