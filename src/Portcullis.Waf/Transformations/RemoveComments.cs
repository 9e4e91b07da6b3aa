using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// <c>removeComments</c>: takes out <c>/* … */</c> and <c>&lt;!-- … --&gt;</c>, either end closing either; cuts the value at <c>--</c> and <c>#</c>.
/// A comment without an end leaves a space. As in ModSecurity 2 and 3, the byte behind a comment is copied whatever it is, which at the end of the
/// value gives a NUL.
/// </summary>
internal sealed class RemoveComments() : Transformation("removeComments", ByteSet.Of("/-#"u8))
{
    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        // An HTML comment starts two bytes before its first hyphen.
        var i = Math.Max(from - 2, 0);
        var length = i;
        while (i < value.Length)
        {
            if (value[i] is not ((byte)'/' or (byte)'-' or (byte)'#' or (byte)'<'))
            {
                destination[length++] = value[i++];
                continue;
            }

            var rest = value[i..];
            var opening = rest.StartsWith("/*"u8) ? 2 : rest.StartsWith("<!--"u8) ? 4 : 0;
            if (opening == 0)
            {
                if (rest[0] == '#' || rest.StartsWith("--"u8)) return length;
                destination[length++] = value[i++];
                continue;
            }

            i = EndOf(value, i + opening);
            if (i > value.Length)
            {
                destination[length++] = (byte)' ';
                break;
            }

            destination[length++] = i < value.Length ? value[i] : (byte)0;
            i++;
        }

        return length;
    }

    /// <summary>Where a comment ends; more than the length if it does not.</summary>
    private static int EndOf(ReadOnlySpan<byte> value, int at)
    {
        while (true)
        {
            var found = value[at..].IndexOfAny((byte)'*', (byte)'-');
            if (found < 0) return int.MaxValue;
            at += found;
            if (value[at..].StartsWith("*/"u8)) return at + 2;
            if (value[at..].StartsWith("-->"u8)) return at + 3;
            at++;
        }
    }
}
