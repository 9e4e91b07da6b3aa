using System.Buffers.Text;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary><c>base64Encode</c> (RFC 4648, section 4), padded.</summary>
internal sealed class Base64Encode() : Transformation("base64Encode", ByteSet.All)
{
    public override int MaximumLength(int length) => Base64.GetMaxEncodedToUtf8Length(length);

    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        Base64.EncodeToUtf8(value, destination, out _, out var written);
        return written;
    }
}
