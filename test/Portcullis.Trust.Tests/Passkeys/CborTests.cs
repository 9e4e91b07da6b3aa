using Portcullis.Trust.Passkeys;

namespace Portcullis.Trust.Tests.Passkeys;

public sealed class CborTests
{
    [Theory]
    [InlineData("00", true)]
    [InlineData("17", true)]
    [InlineData("1818", true)]
    [InlineData("1817", false)]
    [InlineData("1900ff", false)]
    [InlineData("190100", true)]
    [InlineData("1a0000ffff", false)]
    [InlineData("1b00000000ffffffff", false)]
    [InlineData("1b0000000100000000", true)]
    [InlineData("1bffffffffffffffff", false)]
    [InlineData("20", true)]
    [InlineData("1c", false)]
    [InlineData("1f", false)]
    [InlineData("4101", true)]
    [InlineData("4201", false)]
    [InlineData("5f4101ff", false)]
    [InlineData("6161", true)]
    [InlineData("61ff", false)]
    [InlineData("80", true)]
    [InlineData("8101", true)]
    [InlineData("8201", false)]
    [InlineData("9f01ff", false)]
    [InlineData("9b7fffffffffffffff", false)]
    [InlineData("a0", true)]
    [InlineData("a10101", true)]
    [InlineData("a101", false)]
    [InlineData("bb7fffffffffffffff", false)]
    [InlineData("c000", false)]
    [InlineData("f4", true)]
    [InlineData("f5", true)]
    [InlineData("f6", true)]
    [InlineData("f7", false)]
    [InlineData("f90000", false)]
    [InlineData("fb0000000000000000", false)]
    [InlineData("ff", false)]
    [InlineData("", false)]
    [InlineData("8181818181818100", true)]
    [InlineData("818181818181818100", false)]
    public void One_value_is_read_or_refused(string hex, bool isGood)
    {
        var reader = new CborReader(Convert.FromHexString(hex));
        Assert.Equal(isGood, reader.TrySkip() && reader.Rest.IsEmpty);
    }

    [Theory]
    [InlineData("a5010203262001215820", "missing rest")]
    [InlineData("a0", "no members")]
    [InlineData("a20102 0326", "no point")]
    [InlineData("a401010327200621582000000000000000000000000000000000000000000000000000000000000000000", "EdDSA")]
    public void A_key_that_is_none_or_was_not_offered_is_refused(string hex, string why)
    {
        Assert.NotEmpty(why);
        hex = hex.Replace(" ", string.Empty, StringComparison.Ordinal);
        Assert.False(CoseKey.TryRead(Convert.FromHexString(hex.Length % 2 == 0 ? hex : hex + "0"), out _));
    }

    [Fact]
    public void A_key_s_members_are_all_there_once_and_fit_each_other()
    {
        using var authenticator = new TestAuthenticator();
        var good = authenticator.CoseKey;
        Assert.True(CoseKey.TryRead(good, out _));

        // Type, algorithm, curve, a member twice, one too many, an octet behind, a point beside the curve.
        Assert.False(CoseKey.TryRead(With(good, 2, 0x03), out _));
        Assert.False(CoseKey.TryRead(With(good, 4, 0x25), out _));
        Assert.False(CoseKey.TryRead(With(good, 6, 0x02), out _));
        Assert.False(CoseKey.TryRead(With(good, 3, 0x01), out _));
        Assert.False(CoseKey.TryRead(With(good, 0, 0xA6), out _));
        Assert.False(CoseKey.TryRead([.. good, 0], out _));
        Assert.False(CoseKey.TryRead(With(good, good.Length - 1, (byte)(good[^1] ^ 1)), out _));
    }

    private static byte[] With(byte[] octets, int at, byte value)
    {
        var changed = octets.ToArray();
        changed[at] = value;
        return changed;
    }
}
