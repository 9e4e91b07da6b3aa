using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary><c>hexEncode</c>: two small hexadecimal digits for each byte.</summary>
internal sealed class HexEncode() : Transformation("hexEncode", ByteSet.All)
{
    public override int MaximumLength(int length) => checked(length * 2);

    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        Convert.TryToHexStringLower(value, destination, out var written);
        return written;
    }
}
