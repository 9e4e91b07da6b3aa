using Portcullis.Gateway.Connections.Http2.Hpack;

namespace Portcullis.Gateway.Tests.Connections.Http2.Hpack;

/// <summary>The examples of RFC 7541, Appendix C: what each block says, and what the table holds after it.</summary>
public sealed class Rfc7541ExampleTests
{
    // C.2
    [Theory]
    [InlineData("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572", "custom-key: custom-header", true)]
    [InlineData("040c 2f73 616d 706c 652f 7061 7468", ":path: /sample/path", false)]
    [InlineData("1008 7061 7373 776f 7264 0673 6563 7265 74", "password: secret", false)]
    [InlineData("82", ":method: GET", false)]
    public void Each_representation_is_read(string block, string field, bool isAdded)
    {
        var decoder = new HpackDecoder(4096);

        Assert.Equal([field], FieldRecorder.Decode(decoder, block).Lines);
        Assert.Equal(isAdded ? [field] : [], FieldRecorder.Table(decoder));
    }

    // C.3, C.4
    [Theory]
    [InlineData("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", "8286 84be 5808 6e6f 2d63 6163 6865", "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65")]
    [InlineData("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", "8286 84be 5886 a8eb 1064 9cbf", "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf")]
    public void Requests_of_one_connection_are_read(string first, string second, string third)
    {
        const string Authority = ":authority: www.example.com";
        const string CacheControl = "cache-control: no-cache";
        const string Custom = "custom-key: custom-value";
        var decoder = new HpackDecoder(4096);

        Assert.Equal([":method: GET", ":scheme: http", ":path: /", Authority], FieldRecorder.Decode(decoder, first).Lines);
        Assert.Equal([Authority], FieldRecorder.Table(decoder));
        Assert.Equal([":method: GET", ":scheme: http", ":path: /", Authority, CacheControl], FieldRecorder.Decode(decoder, second).Lines);
        Assert.Equal([CacheControl, Authority], FieldRecorder.Table(decoder));
        Assert.Equal([":method: GET", ":scheme: https", ":path: /index.html", Authority, Custom], FieldRecorder.Decode(decoder, third).Lines);
        Assert.Equal([Custom, CacheControl, Authority], FieldRecorder.Table(decoder));
    }

    // C.5, C.6
    [Theory]
    [InlineData(
        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31")]
    [InlineData(
        "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
        "4883 640e ffc1 c0bf",
        "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07")]
    public void Responses_of_one_connection_are_read_and_evict(string first, string second, string third)
    {
        const string Private = "cache-control: private";
        const string Date = "date: Mon, 21 Oct 2013 20:13:21 GMT";
        const string Later = "date: Mon, 21 Oct 2013 20:13:22 GMT";
        const string Location = "location: https://www.example.com";
        const string Gzip = "content-encoding: gzip";
        const string Cookie = "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
        var decoder = new HpackDecoder(256);
        FieldRecorder.Decode(decoder, "3fe101"); // a size of 256, which the examples have from the start

        Assert.Equal([":status: 302", Private, Date, Location], FieldRecorder.Decode(decoder, first).Lines);
        Assert.Equal([Location, Date, Private, ":status: 302"], FieldRecorder.Table(decoder));
        Assert.Equal([":status: 307", Private, Date, Location], FieldRecorder.Decode(decoder, second).Lines);
        Assert.Equal([":status: 307", Location, Date, Private], FieldRecorder.Table(decoder));
        Assert.Equal([":status: 200", Private, Later, Location, Gzip, Cookie], FieldRecorder.Decode(decoder, third).Lines);
        Assert.Equal([Cookie, Gzip, Later], FieldRecorder.Table(decoder));
    }

    // C.1
    [Theory]
    [InlineData(10, 5, "0a")]
    [InlineData(1337, 5, "1f9a0a")]
    [InlineData(42, 8, "2a")]
    [InlineData(30, 5, "1e")]
    [InlineData(31, 5, "1f00")]
    [InlineData(158, 5, "1f7f")]
    [InlineData(159, 5, "1f8001")]
    public void Integers_are_written_and_read(int value, int prefixBits, string hex)
    {
        var octets = new byte[HpackInteger.MostLength];
        var length = HpackInteger.Write(octets, 0, prefixBits, value);

        Assert.Equal(FieldRecorder.Octets(hex), octets[..length]);
        var reader = new BlockReader(octets.AsSpan(0, length));
        Assert.Null(reader.ReadInteger(prefixBits, out var read));
        Assert.Equal(value, read);
        Assert.True(reader.IsEmpty);
    }
}
