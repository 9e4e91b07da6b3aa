namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// Decodes Content-Length for Kestrel, which takes <c>+3</c> for 3: anything but digits (RFC 9110 §8.6) comes out as a letter, which it refuses.
/// </summary>
internal sealed class LengthEncoding : OneOctetEncoding
{
    public static readonly LengthEncoding Instance = new();

    private LengthEncoding()
    {
    }

    public override int GetCharCount(ReadOnlySpan<byte> bytes) => bytes.Length;

    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        for (var i = 0; i < bytes.Length; i++) chars[i] = char.IsAsciiDigit((char)bytes[i]) ? (char)bytes[i] : 'x';
        return bytes.Length;
    }

    public override int GetMaxCharCount(int byteCount) => byteCount;
}
