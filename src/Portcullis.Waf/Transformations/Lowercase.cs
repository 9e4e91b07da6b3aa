using System.Numerics;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary><c>lowercase</c>: ASCII letters only, as in the C locale. The one transformation nearly every rule has: done by vectors.</summary>
internal sealed class Lowercase() : Transformation("lowercase", ByteSet.Range((byte)'A', (byte)'Z'))
{
    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var to = destination[..value.Length];
        var i = from;
        if (Vector.IsHardwareAccelerated)
        {
            for (; i <= value.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            {
                var bytes = new Vector<byte>(value[i..]);
                var isUpper = Vector.LessThanOrEqual(bytes - new Vector<byte>((byte)'A'), new Vector<byte>('Z' - 'A'));
                (bytes | (isUpper & new Vector<byte>(0x20))).CopyTo(to[i..]);
            }
        }

        for (; i < value.Length; i++)
            to[i] = AsciiClass.ToLower(value[i]);
        return value.Length;
    }
}
