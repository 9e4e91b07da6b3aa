using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Tests.Bytes;

public sealed class ByteSetTests
{
    [Fact]
    public void A_set_contains_just_what_it_was_made_of()
    {
        byte[] made = [0, 1, 63, 64, 127, 128, 191, 192, 255];
        var set = ByteSet.Of(made);
        for (var value = 0; value < 256; value++)
        {
            Assert.Equal(made.Contains((byte)value), set.Contains((byte)value));
            Assert.NotEqual(set.Contains((byte)value), (~set).Contains((byte)value));
        }

        Assert.Equal(made.Length, set.Count);
        Assert.Equal(made, set.ToArray());
    }

    [Fact]
    public void A_range_has_both_its_ends()
    {
        var digits = ByteSet.Range((byte)'0', (byte)'9');
        Assert.Equal(10, digits.Count);
        Assert.True(digits.IsSubsetOf(ByteSet.All));
        Assert.True(digits.Overlaps(ByteSet.Of((byte)'9')));
        Assert.False(digits.Overlaps(ByteSet.Of((byte)'a')));
        Assert.True(ByteSet.Range(9, 8).IsEmpty);
    }
}
