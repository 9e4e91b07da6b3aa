using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary><c>removeNulls</c> and <c>removeWhitespace</c>: leaves out certain bytes.</summary>
internal sealed class RemoveBytes(string name, ByteSet removed) : Transformation(name, removed)
{
    /// <summary>The no-break space of Latin-1, white space to ModSecurity.</summary>
    public const byte NoBreakSpace = 0xa0;

    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var length = from;
        var removed = Triggers;
        foreach (var one in value[from..])
        {
            if (!removed.Contains(one)) destination[length++] = one;
        }

        return length;
    }
}
