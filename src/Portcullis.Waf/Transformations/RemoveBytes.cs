using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

/// <summary><c>removeNulls</c> and <c>removeWhitespace</c>: leaves out certain bytes.</summary>
internal sealed class RemoveBytes : Transformation
{
    /// <summary>The no-break space of Latin-1, white space to ModSecurity.</summary>
    public const byte NoBreakSpace = 0xa0;

    // 1 for a byte that stays.
    private readonly byte[] steps = new byte[256];

    public RemoveBytes(string name, ByteSet removed)
        : base(name, removed)
    {
        for (var value = 0; value < steps.Length; value++)
            steps[value] = removed.Contains((byte)value) ? (byte)0 : (byte)1;
    }

    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
    {
        var step = steps;
        var length = from;
        foreach (var one in value[from..])
        {
            destination[length] = one;
            length += step[one];
        }

        return length;
    }
}
