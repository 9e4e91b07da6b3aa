using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary><c>compressWhitespace</c>: makes one space of each run of white space, to which the no-break space of Latin-1 (A0) belongs.</summary>
internal sealed class CompressWhitespace() : Transformation("compressWhitespace", AsciiClass.Space | ByteSet.Of(RemoveBytes.NoBreakSpace))
{
    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var length = from;
        var afterSpace = false;
        foreach (var one in value[from..])
        {
            var isSpace = AsciiClass.IsSpace(one) || one == RemoveBytes.NoBreakSpace;
            destination[length] = isSpace ? (byte)' ' : one;
            length += isSpace & afterSpace ? 0 : 1;
            afterSpace = isSpace;
        }

        return length;
    }
}
