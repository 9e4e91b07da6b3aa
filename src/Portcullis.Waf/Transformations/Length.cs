using System.Buffers.Text;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary><c>length</c>: how many bytes the value has, in decimal digits.</summary>
internal sealed class Length() : Transformation("length", ByteSet.All)
{
    private const int MostDigits = 10;

    public override int MaximumLength(int length) => MostDigits;

    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        Utf8Formatter.TryFormat(value.Length, destination, out var written);
        return written;
    }
}
