using System.Text;
using Portcullis.Gateway.Connections.Http2.Hpack;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Tests.Connections.Http2.Hpack;

public sealed class HpackDecoderTests
{
    private readonly HpackDecoder decoder = new(4096);

    [Theory]
    [InlineData("80", "index 0")] // §6.1
    [InlineData("be", "beyond")] // 62, the table is empty
    [InlineData("ff00", "beyond")]
    [InlineData("7e 0161", "beyond")] // a name's index
    [InlineData("0f2f 0161", "beyond")]
    [InlineData("1f2f 0161", "beyond")]
    public void An_index_that_no_table_has_is_an_error(string block, string error) => Refused(block, error);

    [Theory]
    [InlineData("ff")]
    [InlineData("ff80")]
    [InlineData("ffffffff")]
    [InlineData("3f")]
    [InlineData("0f")]
    [InlineData("7f")]
    [InlineData("007f")]
    public void An_integer_that_does_not_end_is_an_error(string block) => Refused(block, "ends within an integer");

    [Theory]
    [InlineData("ffffffffff00")]
    [InlineData("ffffffffffffffffffffffffffff")]
    [InlineData("ff8080808000")] // 127, with octets that say nothing
    [InlineData("ff80808080808080808080808000")]
    [InlineData("3fffffffff0f")]
    [InlineData("00ffffffffff0f")]
    public void An_integer_of_more_than_five_octets_is_an_error(string block) => Refused(block, "integer is too long");

    [Theory]
    [InlineData("ffffffff7f")]
    [InlineData("3fffffff7f")]
    [InlineData("007fffffff7f")]
    [InlineData("0f ffffff7f")]
    public void A_large_integer_is_refused_for_what_it_says(string block) => Assert.NotNull(decoder.Decode(FieldRecorder.Octets(block), new FieldRecorder()));

    [Fact]
    public void An_integer_may_be_longer_than_it_has_to_be() => Assert.Null(decoder.Decode(FieldRecorder.Octets("3fe19f00"), new FieldRecorder())); // 4096

    [Theory]
    [InlineData("40")]
    [InlineData("4001")]
    [InlineData("4001 61")]
    [InlineData("4001 6101")]
    [InlineData("00")]
    [InlineData("0001 61")]
    [InlineData("0001 6102 61")]
    [InlineData("0004 61")]
    [InlineData("04")]
    [InlineData("0403 2f61")]
    [InlineData("0483 63")]
    [InlineData("10")]
    [InlineData("82 86 84 41 0f 77")]
    public void A_block_that_ends_within_a_field_is_an_error(string block)
        => Assert.NotNull(decoder.Decode(FieldRecorder.Octets(block), new FieldRecorder()));

    [Theory]
    [InlineData("0481 ff", "padding")]
    [InlineData("0482 1fff", "padding")]
    [InlineData("0481 1e", "padding")]
    [InlineData("0484 ffffffff", "EOS")]
    [InlineData("0081 ff 0161", "padding")]
    [InlineData("4084 ffffffff 0161", "EOS")]
    public void A_string_in_wrong_Huffman_code_is_an_error(string block, string error) => Refused(block, error);

    [Fact]
    public void A_size_update_behind_a_field_is_an_error() => Refused("82 20", "behind a field");

    [Fact]
    public void A_third_size_update_is_an_error()
    {
        FieldRecorder.Decode(decoder, "20 3fe11f 82");
        Refused("20 3fe11f 3fe11f 82", "more than two");
    }

    [Fact]
    public void A_size_update_beyond_what_was_announced_is_an_error()
    {
        FieldRecorder.Decode(decoder, "3fe11f"); // 4096
        Refused("3fe21f", "exceeds"); // 4097
    }

    [Fact]
    public void More_than_the_initial_size_may_be_announced_and_used()
    {
        var larger = new HpackDecoder(65536);
        FieldRecorder.Decode(larger, "3fe1ff03"); // 65,536
        FieldRecorder.Decode(larger, Added("x-own", new string('a', 10_000)));

        Assert.Single(FieldRecorder.Table(larger));
        Assert.NotNull(larger.Decode(FieldRecorder.Octets("3fe2ff03"), new FieldRecorder()));
    }

    [Fact]
    public void Until_settings_are_acknowledged_the_initial_size_holds()
    {
        var none = new HpackDecoder(0);
        FieldRecorder.Decode(none, Added("x-own", "a"));
        Assert.Equal(["x-own: a"], FieldRecorder.Table(none));

        none.Acknowledged();
        Assert.Empty(FieldRecorder.Table(none));
    }

    /// <summary>RFC 9113 §4.3.1 wants it to say so, and .NET's client, which uses no table at all, does not.</summary>
    [Fact]
    public void After_an_acknowledged_reduction_a_client_that_says_nothing_is_served_as_long_as_it_refers_to_nothing_that_is_gone()
    {
        var none = new HpackDecoder(0);
        FieldRecorder.Decode(none, Added("x-own", "a"));
        none.Acknowledged();

        Assert.Equal([":method: GET"], FieldRecorder.Decode(none, [0x82]).Lines);
        Assert.NotNull(none.Decode([0xbe], new FieldRecorder()));
    }

    [Fact]
    public void After_an_acknowledged_reduction_a_size_update_may_say_no_more()
    {
        var none = new HpackDecoder(0);
        FieldRecorder.Decode(none, Added("x-own", "a"));
        none.Acknowledged();

        Assert.Equal(["x-own: a"], FieldRecorder.Decode(none, [0x20, .. Added("x-own", "a")]).Lines);
        Assert.Empty(FieldRecorder.Table(none));
        Assert.NotNull(none.Decode([0x21], new FieldRecorder()));
    }

    [Fact]
    public void A_smaller_table_loses_its_oldest_entries()
    {
        FieldRecorder.Decode(decoder, [.. Added("a", "1"), .. Added("b", "2"), .. Added("c", "3")]); // 34 each
        FieldRecorder.Decode(decoder, "3f26"); // 69
        Assert.Equal(["c: 3", "b: 2"], FieldRecorder.Table(decoder));
        FieldRecorder.Decode(decoder, "3f03"); // 34
        Assert.Equal(["c: 3"], FieldRecorder.Table(decoder));
        FieldRecorder.Decode(decoder, "20 3fe11f");
        Assert.Empty(FieldRecorder.Table(decoder));
    }

    [Fact]
    public void An_entry_larger_than_the_table_empties_it()
    {
        FieldRecorder.Decode(decoder, Added("a", "1"));
        var large = FieldRecorder.Decode(decoder, Added("b", new string('x', 4064))); // 4097 with its name and 32

        Assert.Equal(4064, Assert.Single(large.Fields).Value.Length);
        Assert.False(large.Fields[0].IsText);
        Assert.Empty(FieldRecorder.Table(decoder));

        FieldRecorder.Decode(decoder, Added("b", new string('x', 4063)));
        Assert.Single(FieldRecorder.Table(decoder));
    }

    [Fact]
    public void A_name_outlives_the_entry_that_its_field_evicts()
    {
        FieldRecorder.Decode(decoder, Added("x-own", new string('a', 4000)));
        var next = FieldRecorder.Decode(decoder, [0x7e, 0x7f, 0x81, 0x1f, .. Encoding.ASCII.GetBytes(new string('b', 4096))]); // name of 62

        Assert.Equal("x-own", next.Fields[0].Name.Text);
        Assert.Equal(4096, next.Fields[0].Value.Length);
        Assert.Empty(FieldRecorder.Table(decoder));

        FieldRecorder.Decode(decoder, Added("x-own", new string('a', 4000)));
        FieldRecorder.Decode(decoder, [0x7e, 0x7f, 0xa1, 0x1e, .. Encoding.ASCII.GetBytes(new string('b', 4000))]);
        Assert.Equal(["x-own: " + new string('b', 4000)], FieldRecorder.Table(decoder));
    }

    [Fact]
    public void A_sink_that_wants_no_more_gets_no_more_and_the_table_is_kept_all_the_same()
    {
        var sink = new FieldRecorder(most: 2);

        Assert.Null(decoder.Decode([0x82, 0x86, .. Added("a", "1"), 0x84, .. Added("b", "2")], sink));
        Assert.Equal([":method: GET", ":scheme: http"], sink.Lines);
        Assert.Equal(["b: 2", "a: 1"], FieldRecorder.Table(decoder));
        Assert.NotNull(decoder.Decode([0x82, 0x86, 0x80], new FieldRecorder(most: 1)));
    }

    [Fact]
    public void A_field_of_a_table_is_the_same_string_each_time()
    {
        var first = FieldRecorder.Decode(decoder, [.. Added("x-own", "value"), 0xbe, 0x82]);
        var second = FieldRecorder.Decode(decoder, [0xbe, 0x82]);

        Assert.All(first.Fields, static field => Assert.True(field.IsText));
        Assert.Same(first.Fields[0].Value, first.Fields[1].Value);
        Assert.Same(first.Fields[0].Value, second.Fields[0].Value);
        Assert.Same(first.Fields[0].Name.Text, second.Fields[0].Name.Text);
        Assert.Same(first.Fields[2].Value, second.Fields[1].Value);
    }

    [Theory]
    [InlineData("accept", "Accept")]
    [InlineData("x-request-id", "X-Request-Id")]
    [InlineData("x-unknown", "x-unknown")]
    public void A_name_has_its_canonical_text_and_traits(string sent, string expected)
    {
        var name = FieldRecorder.Decode(decoder, Literal(sent, "a")).Fields[0].Name;

        Assert.Equal(expected, name.Text);
        Assert.Equal(KnownFields.TraitsOf(expected), name.Traits);
        Assert.True(name.IsValid);
    }

    [Theory]
    [InlineData("Accept")]
    [InlineData("X-Own")]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:")]
    [InlineData("a\u00e4")]
    [InlineData("a\0")]
    [InlineData(":")]
    [InlineData(":Path")]
    [InlineData(":own")]
    public void A_name_that_is_no_token_in_lower_case_is_not_valid(string sent)
    {
        foreach (var block in new[] { Literal(sent, "a"), Added(sent, "a"), [0xbe] })
        {
            var name = FieldRecorder.Decode(decoder, block).Fields[0].Name;
            Assert.Equal(sent, name.Text, ignoreCase: true);
            Assert.Equal(sent.StartsWith(':') ? PseudoField.Unknown : PseudoField.None, name.Pseudo);
            Assert.False(name.IsValid);
        }
    }

    [Theory]
    [InlineData(":method", PseudoField.Method)]
    [InlineData(":scheme", PseudoField.Scheme)]
    [InlineData(":authority", PseudoField.Authority)]
    [InlineData(":path", PseudoField.Path)]
    [InlineData(":protocol", PseudoField.Protocol)]
    [InlineData(":status", PseudoField.Status)]
    [InlineData("path", PseudoField.None)]
    public void Pseudo_fields_are_known(string sent, object expected)
    {
        var name = FieldRecorder.Decode(decoder, Literal(sent, "a")).Fields[0].Name;

        Assert.Equal(expected, name.Pseudo);
        Assert.Equal(sent, name.Text);
        Assert.True(name.IsValid);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("a", true)]
    [InlineData("a b\tc", true)]
    [InlineData("\u00e4", true)]
    [InlineData(" a", false)]
    [InlineData("a ", false)]
    [InlineData("\ta", false)]
    [InlineData("a\t", false)]
    [InlineData(" ", false)]
    [InlineData("a\0b", false)]
    [InlineData("a\rb", false)]
    [InlineData("a\nb", false)]
    [InlineData("a\u007fb", false)]
    public void A_value_is_text_without_space_around_it(string value, bool isValid)
    {
        foreach (var block in new[] { Literal("x-own", value), Added("x-own", value), [0xbe] })
        {
            var field = FieldRecorder.Decode(decoder, block).Fields[0];
            Assert.Equal(value, field.Value);
            Assert.Equal(isValid, field.IsValueValid);
        }
    }

    [Fact]
    public void The_smallest_entries_fill_a_table_and_leave_in_their_order()
    {
        // 32 octets each, and 33 for the last.
        FieldRecorder.Decode(decoder, [.. Enumerable.Repeat(Added("", ""), 300).SelectMany(static octets => octets)]);
        Assert.Equal(128, FieldRecorder.Table(decoder).Length);

        FieldRecorder.Decode(decoder, Added("x", ""));
        var table = FieldRecorder.Table(decoder);
        Assert.Equal(127, table.Length);
        Assert.Equal("x: ", table[0]);
    }

    [Fact]
    public void A_usual_request_allocates_nothing_the_second_time()
    {
        var block = (byte[])[0x82, 0x87, .. Added(":authority", "example.com"), .. Added("user-agent", "a"), .. Added("x-unknown", "a")];
        var again = (byte[])[0x82, 0x87, 0xc0, 0xbf, 0xbe, 0x04, .. Huffman("/items/17?expand=all"), .. Literal("x-request-id", "1"), .. Literal("x-other", "2")];
        var sink = new CountingSink();
        Assert.Null(decoder.Decode(block, sink));
        Assert.Null(decoder.Decode(again, sink));

        Assert.Equal(0, AllocatedBytes.PerOperation(() => decoder.Decode(again, sink)));
        Assert.True(sink.Octets > 0);
    }

    internal static byte[] Added(string name, string value) => [0x40, .. String(name), .. String(value)];

    internal static byte[] Literal(string name, string value) => [0x00, .. String(name), .. String(value)];

    private static byte[] String(string text)
    {
        var octets = new byte[HpackString.MostLength(text.Length)];
        return octets[..HpackString.Write(octets, text)];
    }

    private static byte[] Huffman(string text)
    {
        var octets = new byte[HpackString.MostLength(text.Length)];
        return octets[..HpackString.WriteShorter(octets, Encoding.Latin1.GetBytes(text))];
    }

    private void Refused(string block, string error)
        => Assert.Contains(error, decoder.Decode(FieldRecorder.Octets(block), new FieldRecorder()), StringComparison.Ordinal);

    private sealed class CountingSink : IFieldSink
    {
        public long Octets { get; private set; }

        public bool TakeText(in FieldName name, string value, bool isValueValid) => Count(HpackEntry.Size(name.Text.Length, value.Length));

        public bool TakeOctets(in FieldName name, ReadOnlySpan<byte> value) => Count(HpackEntry.Size(name.Text.Length, value.Length));

        private bool Count(int size)
        {
            Octets += size;
            return true;
        }
    }
}
