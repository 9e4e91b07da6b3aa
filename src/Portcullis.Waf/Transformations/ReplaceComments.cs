using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary><c>replaceComments</c>: makes a space of each <c>/* … */</c>, also of one without an end. An end alone stays.</summary>
internal sealed class ReplaceComments() : Transformation("replaceComments", ByteSet.Of((byte)'/'))
{
    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var length = from;
        var rest = value[from..];
        while (true)
        {
            var start = rest.IndexOf("/*"u8);
            var kept = start < 0 ? rest : rest[..start];
            kept.CopyTo(destination[length..]);
            length += kept.Length;
            if (start < 0) return length;

            destination[length++] = (byte)' ';
            rest = rest[(start + 2)..];
            var end = rest.IndexOf("*/"u8);
            if (end < 0) return length;
            rest = rest[(end + 2)..];
        }
    }
}
