using System.Text;
using Portcullis.Gateway.Buffers;
using Portcullis.Gateway.Connections.Http2.Hpack;

namespace Portcullis.Gateway.Tests.Connections.Http2.Hpack;

public sealed class HpackEncoderTests : IDisposable
{
    private readonly HpackEncoder encoder = new();
    private readonly HpackDecoder decoder = new(4096);
    private readonly OutputBuffer output = new();

    public void Dispose() => output.Release();

    [Theory]
    [InlineData(200, "88")]
    [InlineData(204, "89")]
    [InlineData(206, "8a")]
    [InlineData(304, "8b")]
    [InlineData(400, "8c")]
    [InlineData(404, "8d")]
    [InlineData(500, "8e")]
    [InlineData(103, "0803313033")]
    public void A_status_of_the_static_table_takes_one_octet(int status, string hex)
    {
        encoder.Begin(output);
        encoder.WriteStatus(status);

        Assert.Equal(FieldRecorder.Octets(hex), output.Written.ToArray());
    }

    [Fact]
    public void Another_status_takes_one_octet_from_the_third_time_on()
    {
        int[] lengths = [.. Enumerable.Range(0, 4).Select(_ => Encode(403, []).Octets)];

        Assert.Equal([5, 5, 1, 1], lengths);
    }

    [Fact]
    public void Names_are_written_in_lower_case()
    {
        var (fields, _) = Encode(200, [("X-OWN", "A"), ("Content-Type", "a"), ("x-Frame-OPTIONS", "DENY")]);

        Assert.All(fields, static field => Assert.True(field.Name.IsValid));
        Assert.Equal(["x-own", "Content-Type", "X-Frame-Options"], fields.Skip(1).Select(static field => field.Name.Text));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_field_that_repeats_takes_one_octet_from_the_third_time_on(bool isText)
    {
        int[] lengths = [.. Enumerable.Range(0, 4).Select(_ => Encode(200, [("X-Content-Type-Options", "nosniff")], isText).Octets)];

        Assert.True(lengths[1] < lengths[0]); // in Huffman code
        Assert.Equal([2, 2], lengths[2..]);
        Assert.Equal(["x-content-type-options: nosniff"], FieldRecorder.Table(decoder));
    }

    [Fact]
    public void Text_and_octets_find_the_same_entry()
    {
        for (var i = 0; i < 2; i++) Encode(200, [("Vary", "Accept")]);

        Assert.Equal(2, Encode(200, [("vary", "Accept")], isText: false).Octets);
        Assert.Equal(["vary: Accept"], FieldRecorder.Table(decoder));
    }

    [Theory]
    [InlineData("X-Unknown")]
    [InlineData("Cache-Control")]
    public void A_field_with_a_new_value_each_time_never_comes_into_the_table(string name)
    {
        for (var i = 0; i < 200; i++) Encode(200, [(name, $"value {i}")]);

        Assert.Empty(FieldRecorder.Table(decoder));
    }

    [Theory]
    [InlineData("Content-Length")]
    [InlineData("Date")]
    [InlineData("ETag")]
    [InlineData("Last-Modified")]
    [InlineData("Content-Range")]
    [InlineData("X-Request-Id")]
    [InlineData("traceparent")]
    [InlineData("Set-Cookie")]
    [InlineData("Location")]
    [InlineData("Authorization")]
    [InlineData("Proxy-Authorization")]
    [InlineData("X-Api-Key")]
    public void What_does_not_last_or_is_secret_never_comes_into_the_table(string name)
    {
        for (var i = 0; i < 5; i++) Encode(200, [(name, "1")]);

        Assert.Empty(FieldRecorder.Table(decoder));
    }

    [Theory]
    [InlineData("Set-Cookie")]
    [InlineData("Location")]
    [InlineData("Authorization")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Authentication-Info")]
    public void What_is_secret_is_marked_as_never_to_be_indexed(string name)
    {
        encoder.Begin(output);
        encoder.Write(name, "secret");

        Assert.Equal(0x10, output.Written.Span[0] & 0xf0); // RFC 7541 §6.2.3
    }

    [Fact]
    public void A_whole_field_of_the_static_table_takes_one_octet()
    {
        encoder.Begin(output);
        encoder.Write("Accept-Encoding", "gzip, deflate");
        encoder.Write("Vary", "");
        encoder.Write("Vary", ""u8);

        Assert.Equal([0x90, 0xbb, 0xbb], output.Written.ToArray());
    }

    [Fact]
    public void An_unknown_name_in_the_table_is_not_sent_again()
    {
        for (var i = 0; i < 2; i++) Encode(200, [("X-A-Long-Unknown-Name", "1")]);
        Encode(200, [("X-A-Long-Unknown-Name", "2")]);

        Assert.Equal(4, Encode(200, [("X-A-Long-Unknown-Name", "2")]).Octets);
        Assert.Equal(["x-a-long-unknown-name: 2", "x-a-long-unknown-name: 1"], FieldRecorder.Table(decoder));
    }

    [Fact]
    public void A_name_that_is_too_long_to_be_remembered_is_found_in_the_table_all_the_same()
    {
        var name = "X-" + new string('n', 100);
        for (var i = 0; i < 5; i++) Encode(200, [(name, "1")]);

        Assert.Single(FieldRecorder.Table(decoder));
        Assert.Equal(2, Encode(200, [(name.ToLowerInvariant(), "1")]).Octets);
    }

    [Fact]
    public void More_unknown_names_than_are_remembered_take_one_octet_each()
    {
        (string, string)[] fields = [.. Enumerable.Range(10, 40).Select(static i => ($"X-Own-{i}", "a"))];
        for (var i = 0; i < 50; i++) Encode(200, fields);

        Assert.Equal(1 + fields.Length, Encode(200, fields).Octets);
    }

    [Fact]
    public void A_value_beyond_ASCII_is_sent_as_it_is()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("\u00e4\u00ff", Encode(200, [("X-Own", "\u00e4\u00ff")]).Fields[1].Value);
            Assert.Equal("\u00e4\u00ff", Encode(200, [("X-Own", "\u00e4\u00ff")], isText: false).Fields[1].Value);
        }

        Assert.Empty(FieldRecorder.Table(decoder));
    }

    [Fact]
    public void A_field_of_more_than_half_the_table_stays_outside()
    {
        for (var i = 0; i < 3; i++) Encode(200, [("Content-Security-Policy", new string('a', 2048 - 32 - 23)), ("X-Own", new string('b', 2100))]);

        Assert.StartsWith("content-security-policy", Assert.Single(FieldRecorder.Table(decoder)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new uint[] { 4096 }, "")]
    [InlineData(new uint[] { 65536 }, "")]
    [InlineData(new uint[] { uint.MaxValue }, "")]
    [InlineData(new uint[] { 0 }, "20")]
    [InlineData(new uint[] { 100 }, "3f45")]
    [InlineData(new uint[] { 0, 4096 }, "20 3fe11f")]
    [InlineData(new uint[] { 0, 65536 }, "20 3fe11f")]
    [InlineData(new uint[] { 100, 0, 100, 200 }, "20 3fa901")]
    [InlineData(new uint[] { 200, 100 }, "3f45")]
    public void A_changed_size_is_announced_with_the_smallest_before_it(uint[] sizes, string updates)
    {
        for (var i = 0; i < 2; i++) Encode(200, [("Vary", "Accept")]);
        foreach (var size in sizes) encoder.SetMaximumTableSize(size);
        output.Clear();
        encoder.Begin(output);

        Assert.Equal(FieldRecorder.Octets(updates), output.Written.ToArray());
        Assert.Null(decoder.Decode(output.Written.Span, new FieldRecorder()));
        Assert.Equal(sizes.Min() < 42 ? [] : ["vary: Accept"], FieldRecorder.Table(decoder));
        output.Clear();
        encoder.Begin(output);
        Assert.Equal(0, output.Length);
    }

    [Fact]
    public void A_grown_size_is_announced()
    {
        encoder.SetMaximumTableSize(100);
        Assert.Equal(3, Encode(200, []).Octets);
        encoder.SetMaximumTableSize(1000);
        output.Clear();
        encoder.Begin(output);

        Assert.Equal(FieldRecorder.Octets("3fc907"), output.Written.ToArray());
    }

    [Fact]
    public void A_peer_without_a_table_gets_literals()
    {
        encoder.SetMaximumTableSize(0);
        decoder.Acknowledged();

        for (var i = 0; i < 5; i++) Assert.Equal("nosniff", Encode(200, [("X-Content-Type-Options", "nosniff")]).Fields[1].Value);
        Assert.Empty(FieldRecorder.Table(decoder));
    }

    [Fact]
    public void More_than_the_table_holds_comes_and_goes()
    {
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < 300; i++)
            {
                for (var twice = 0; twice < 2; twice++) Assert.Equal(new string((char)('a' + (i % 26)), i), Encode(200, [($"X-{i % 40}", new string((char)('a' + (i % 26)), i))]).Fields[1].Value);
            }
        }
    }

    [Fact]
    public void A_name_that_is_not_ASCII_is_a_bug() => Assert.Throws<ArgumentException>(() =>
    {
        encoder.Begin(output);
        encoder.Write("X-\u00e4", "a");
    });

    [Theory]
    [InlineData(0)]
    [InlineData(99)]
    [InlineData(1000)]
    [InlineData(-20)]
    public void A_status_has_three_digits(int status) => Assert.Throws<ArgumentOutOfRangeException>(() =>
    {
        encoder.Begin(output);
        encoder.WriteStatus(status);
    });

    [Fact]
    public void A_usual_response_allocates_nothing_from_the_third_time_on()
    {
        Assert.Equal(0, AllocatedBytes.PerOperation(() =>
        {
            output.Clear();
            encoder.Begin(output);
            encoder.WriteStatus(404);
            encoder.Write("Content-Type", "application/json"u8);
            encoder.Write("Content-Length", "1024"u8);
            encoder.Write("X-Content-Type-Options", "nosniff");
            encoder.Write("X-Unknown", "a");
            encoder.Write("X-Unknown-1", "a");
            encoder.Write("X-Unknown-2", "a"u8);
            encoder.Write("X-Other-Unknown", "a");
            encoder.Write("X-Request-Id", "0123456789abcdef");
        }));
    }

    /// <summary>Encodes a response, and reads it with the decoder of this test.</summary>
    private (List<FieldRecorder.Recorded> Fields, int Octets) Encode(int status, (string Name, string Value)[] fields, bool isText = true)
    {
        output.Clear();
        encoder.Begin(output);
        encoder.WriteStatus(status);
        foreach (var (name, value) in fields)
        {
            if (isText) encoder.Write(name, value);
            else encoder.Write(name, Encoding.Latin1.GetBytes(value));
        }

        return (FieldRecorder.Decode(decoder, output.Written.Span).Fields, output.Length);
    }
}
