using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary><c>removeCommentsChar</c>: takes out the marks of comments, and leaves what stands in them.</summary>
internal sealed class RemoveCommentsChar() : Transformation("removeCommentsChar", ByteSet.Of("/-#"u8))
{
    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        // "*/" starts one byte before the first slash, "<!--" two before the first hyphen.
        var i = Math.Max(from - 2, 0);
        var length = i;
        while (i < value.Length)
        {
            var mark = value[i] is (byte)'/' or (byte)'*' or (byte)'-' or (byte)'#' or (byte)'<' ? MarkLength(value[i..]) : 0;
            if (mark == 0) destination[length++] = value[i++];
            else i += mark;
        }

        return length;
    }

    private static int MarkLength(ReadOnlySpan<byte> value) => value switch
    {
        [(byte)'#', ..] => 1,
        [(byte)'/', (byte)'*', ..] or [(byte)'*', (byte)'/', ..] => 2,
        [(byte)'<', (byte)'!', (byte)'-', (byte)'-', ..] => 4,
        [(byte)'-', (byte)'-', (byte)'>', ..] => 3,
        [(byte)'-', (byte)'-', ..] => 2,
        _ => 0,
    };
}
