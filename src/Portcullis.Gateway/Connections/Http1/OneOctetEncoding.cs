using System.Text;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>
/// Latin-1 with a say in how one field is decoded: Kestrel asks for an encoding by field name, which is the only place where a value can be
/// seen before Kestrel reads a meaning into it.
/// </summary>
internal abstract class OneOctetEncoding : Encoding
{
    public override int GetByteCount(char[] chars, int index, int count) => count;

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex)
        => Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetCharCount(byte[] bytes, int index, int count) => GetCharCount(bytes.AsSpan(index, count));

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
        => GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

    public abstract override int GetCharCount(ReadOnlySpan<byte> bytes);

    public abstract override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars);

    public override int GetMaxByteCount(int charCount) => charCount;
}
