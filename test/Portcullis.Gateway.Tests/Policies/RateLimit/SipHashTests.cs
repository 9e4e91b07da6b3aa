using System.Buffers.Binary;
using Portcullis.Gateway.Policies.RateLimit;

namespace Portcullis.Gateway.Tests.Policies.RateLimit;

public sealed class SipHashTests
{
    /// <summary>From the authors' table for SipHash-2-4-128: key 00 … 0f, input 00, 01, 02 … of the given length.</summary>
    [Theory]
    [InlineData(0, "a3817f04ba25a8e66df67214c7550293")]
    [InlineData(1, "da87c1d86b99af44347659119b22fc45")]
    [InlineData(4, "f88164c12d9c8faf7d0f6e7c7bcd5579")]
    [InlineData(7, "a1f1ebbed8dbc153c0b84aa61ff08239")]
    [InlineData(8, "3b62a9ba6258f5610f83e264f31497b4")]
    [InlineData(15, "5493e99933b0a8117e08ec0f97cfc3d9")]
    [InlineData(16, "6ee2a4ca67b054bbfd3315bf85230577")]
    [InlineData(63, "5150d1772f50834a503e069a973fbd7c")]
    public void Reference_vectors_hold(int length, string expected)
    {
        var data = Enumerable.Range(0, length).Select(value => (byte)value).ToArray();

        var hash = SipHash.Hash(0x0706050403020100, 0x0f0e0d0c0b0a0908, data);

        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, hash);
        Assert.Equal(expected, Convert.ToHexStringLower(bytes));
    }
}
