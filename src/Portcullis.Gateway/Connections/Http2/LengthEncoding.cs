using System.Text;

namespace Portcullis.Gateway.Connections.Http2;

/// <summary>
/// Decodes Content-Length for Kestrel, which takes <c>+3</c> for 3: anything but digits (RFC 9110 §8.6) comes out as a letter, which it refuses.
/// Kestrel asks for an encoding by field name, which is the only place where a value can be seen before Kestrel reads a meaning into it.
/// </summary>
internal sealed class LengthEncoding : Encoding
{
    public static readonly LengthEncoding Instance = new();

    private LengthEncoding()
    {
    }

    public override int GetByteCount(char[] chars, int index, int count) => count;

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex)
        => Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetCharCount(byte[] bytes, int index, int count) => count;

    public override int GetCharCount(ReadOnlySpan<byte> bytes) => bytes.Length;

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
        => GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        for (var i = 0; i < bytes.Length; i++) chars[i] = char.IsAsciiDigit((char)bytes[i]) ? (char)bytes[i] : 'x';
        return bytes.Length;
    }

    public override int GetMaxByteCount(int charCount) => charCount;

    public override int GetMaxCharCount(int byteCount) => byteCount;
}
