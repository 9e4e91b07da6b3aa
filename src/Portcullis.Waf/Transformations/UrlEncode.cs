using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary><c>urlEncode</c>: letters, digits and <c>*</c> stay, a space becomes <c>+</c>, all else <c>%hh</c> in small digits.</summary>
internal sealed class UrlEncode() : Transformation("urlEncode", ~Plain)
{
    private static ByteSet Plain
        => ByteSet.Range((byte)'0', (byte)'9') | ByteSet.Range((byte)'A', (byte)'Z') | ByteSet.Range((byte)'a', (byte)'z') | ByteSet.Of((byte)'*');

    public override int MaximumLength(int length) => checked(length * 3);

    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var length = from;
        foreach (var one in value[from..])
        {
            if (AsciiClass.IsLetterOrDigit(one) || one == '*')
            {
                destination[length++] = one;
            }
            else if (one == ' ')
            {
                destination[length++] = (byte)'+';
            }
            else
            {
                destination[length] = (byte)'%';
                destination[length + 1] = Hex.LowerDigits[one >> 4];
                destination[length + 2] = Hex.LowerDigits[one & 15];
                length += 3;
            }
        }

        return length;
    }
}
