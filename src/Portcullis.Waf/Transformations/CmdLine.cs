using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary>
/// <c>cmdLine</c>: undoes what shells overlook. Drops backslashes, quotes and carets; makes one space of runs of white space, commas and
/// semicolons, and none before a slash or an opening parenthesis; writes letters small.
/// </summary>
internal sealed class CmdLine() : Transformation("cmdLine", Dropped | Blank | ByteSet.Range((byte)'A', (byte)'Z'))
{
    private static ByteSet Dropped => ByteSet.Of("\"'\\^"u8);

    private static ByteSet Blank => ByteSet.Of(" ,;\t\r\n"u8);

    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var length = from;
        var afterSpace = false;
        foreach (var one in value[from..])
        {
            switch (one)
            {
                case (byte)'"' or (byte)'\'' or (byte)'\\' or (byte)'^':
                    continue;
                case (byte)' ' or (byte)',' or (byte)';' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                    if (!afterSpace) destination[length++] = (byte)' ';
                    afterSpace = true;
                    continue;
                case (byte)'/' or (byte)'(':
                    if (afterSpace) length--;
                    break;
            }

            destination[length++] = AsciiClass.ToLower(one);
            afterSpace = false;
        }

        return length;
    }
}
