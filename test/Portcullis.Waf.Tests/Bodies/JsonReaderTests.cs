using System.Text;
using Portcullis.Waf.Bodies;

namespace Portcullis.Waf.Tests.Bodies;

public sealed class JsonReaderTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"c":"x","d":{"e":null}},"f":true}""", "a=1|b.c=x|b.d.e=|f=true")]
    [InlineData("""{"a":{"b":[1,{"c":2},3]},"d":4}""", "a.b.b=1|a.b.b.c=2|a.b.b=3|d=4")]
    [InlineData("""{"a":[[1,2],[],[3]],"b":[{}]}""", "a.a.a=1|a.a.a=2|a.a.a=3")]
    [InlineData("""[1,{"a":2},[3]]""", "array.array=1|array.array.a=2|array.array.array=3")]
    [InlineData(""" "x" """, "=x")]
    [InlineData("""{"":{"":1}}""", ".=1")]
    [InlineData("""{"a.b":{"c":1},"d":2}""", "a.b.c=1|d=2")]
    [InlineData("{}", "")]
    public void Names_are_those_of_ModSecurity_2_unless_told_otherwise(string text, string expected) => Assert.Equal(expected, Read(text, new JsonOptions()));

    // As observed of ModSecurity 2.9.7 and libmodsecurity 3.0.9, which agree.
    [Theory]
    [InlineData("""{"a":[]}""", "")]
    [InlineData("""{"a":{}}""", "")]
    [InlineData("[]", "")]
    [InlineData("""{"a":[{}],"b":1}""", "b=1")]
    [InlineData("[[],1]", "array.array=1")]
    [InlineData("""{"a":[1,[],{"x":[]}]}""", "a.a=1")]
    [InlineData("""{"a":null,"b":""}""", "a=|b=")]
    public void Empty_arrays_and_objects_yield_neither_name_nor_value(string text, string expected) => Assert.Equal(expected, Read(text, new JsonOptions()));

    [Theory]
    [InlineData("""{"a":1,"b":{"c":"x","d":{"e":null}},"f":true}""", "json.a=1|json.b.c=x|json.b.d.e=|json.f=true")]
    [InlineData("""{"a":{"b":[1,{"c":2},3]},"d":4}""", "json.a.b.array_0=1|json.a.b.array_1.c=2|json.a.b.array_2=3|json.d=4")]
    [InlineData("""{"a":[[1,2],[],[3]]}""", "json.a.array_0.array_0=1|json.a.array_0.array_1=2|json.a.array_2.array_0=3")]
    [InlineData("""[1,{"a":2}]""", "json.array_0=1|json.array_1.a=2")]
    [InlineData("12", "json=12")]
    [InlineData("[[],1]", "json.array_1=1")]
    [InlineData("""{"a":[1,[],{"x":[]}]}""", "json.a.array_0=1")]
    public void Names_of_ModSecurity_3_count_the_elements_of_arrays(string text, string expected)
        => Assert.Equal(expected, Read(text, new JsonOptions(Names: JsonNames.ModSecurity3)));

    [Theory]
    [InlineData("""["\"\\\/\b\f\n\r\t"]""", "\"\\/\b\f\n\r\t")]
    [InlineData("""["\u0041\u0000\u00e9"]""", "A\0\u00c3\u00a9")]
    [InlineData("""["x\ud83d\ude00y"]""", "x\u00f0\u009f\u0098\u0080y")]
    [InlineData("""[-0.5e+10]""", "-0.5e+10")]
    [InlineData("""[1E400]""", "1E400")]
    [InlineData("""[123456789012345678901234567890]""", "123456789012345678901234567890")]
    public void Strings_lose_their_escapes_and_numbers_stay_as_they_are_written(string text, string expected)
        => Assert.Equal("array.array=" + expected, Read(text, new JsonOptions()));

    [Fact]
    public void Escapes_in_keys_are_undone_and_keys_that_occur_twice_are_passed_on_twice()
        => Assert.Equal("id=1|id=2", Read("""{"id":1,"\u0069d":2}""", new JsonOptions()));

    [Theory]
    [InlineData("", "JSON: unexpected end", 0)]
    [InlineData(" ", "JSON: unexpected end", 1)]
    [InlineData("{", "JSON: unexpected end", 1)]
    [InlineData("[", "JSON: unexpected end", 1)]
    [InlineData("[1", "JSON: unexpected end", 2)]
    [InlineData("{\"a", "JSON: unexpected end", 3)]
    [InlineData("{\"a\"", "JSON: unexpected end", 4)]
    [InlineData("[1,]", "JSON: value expected", 3)]
    [InlineData("[,1]", "JSON: value expected", 1)]
    [InlineData("{\"a\":1,}", "JSON: key expected", 7)]
    [InlineData("{a:1}", "JSON: key expected", 1)]
    [InlineData("{\"a\" 1}", "JSON: colon expected", 5)]
    [InlineData("[1}", "JSON: comma or end expected", 2)]
    [InlineData("{\"a\":1]", "JSON: comma or end expected", 6)]
    [InlineData("[1 2]", "JSON: comma or end expected", 3)]
    [InlineData("{} x", "JSON: trailing data", 3)]
    [InlineData("1 2", "JSON: trailing data", 2)]
    [InlineData("]", "JSON: value expected", 0)]
    [InlineData("[01]", "JSON: value expected", 1)]
    [InlineData("[+1]", "JSON: value expected", 1)]
    [InlineData("[1.]", "JSON: value expected", 1)]
    [InlineData("[.5]", "JSON: value expected", 1)]
    [InlineData("[1e]", "JSON: value expected", 1)]
    [InlineData("[-]", "JSON: value expected", 1)]
    [InlineData("[NaN]", "JSON: value expected", 1)]
    [InlineData("[tru]", "JSON: value expected", 1)]
    [InlineData("['a']", "JSON: value expected", 1)]
    [InlineData("[//x\n1]", "JSON: value expected", 1)]
    [InlineData("\u00ef\u00bb\u00bf{}", "JSON: value expected", 0)]
    [InlineData("[\"\n\"]", "JSON: control character in a string", 2)]
    [InlineData("[\"\\x\"]", "JSON: invalid escape", 2)]
    [InlineData("[\"\\u12g4\"]", "JSON: invalid escape", 2)]
    [InlineData("[\"\\ud83d\"]", "JSON: invalid escape", 2)]
    [InlineData("[\"\\ud83d\\u0041\"]", "JSON: invalid escape", 2)]
    [InlineData("[\"\\ude00\"]", "JSON: invalid escape", 2)]
    [InlineData("[\"a\u00ff\"]", "JSON: invalid UTF-8", 3)]
    [InlineData("[\"\u00c0\u00af\"]", "JSON: invalid UTF-8", 2)]
    public void What_is_not_JSON_is_an_error_with_its_place(string text, string message, int offset)
    {
        var result = JsonReader.Read(Encoding.Latin1.GetBytes(text), new JsonOptions(), new RecordingSink());
        Assert.True(result.IsError);
        Assert.Equal((message, offset), (result.Message, result.Offset));
    }

    [Fact]
    public void What_stands_before_an_error_is_passed_on()
    {
        var sink = new RecordingSink();
        Assert.True(JsonReader.Read("""{"a":1,"b":2,"""u8, new JsonOptions(), sink).IsError);
        Assert.Equal(["a=1", "b=2"], sink.Taken);
    }

    [Theory]
    [InlineData("[[1]]", 2, false)]
    [InlineData("[[1]]", 1, true)]
    [InlineData("{\"a\":{\"b\":[]}}", 2, true)]
    [InlineData("1", 0, false)]
    public void Containers_deeper_than_the_limit_are_an_error(string text, int limit, bool isError)
    {
        var result = JsonReader.Read(Encoding.Latin1.GetBytes(text), new JsonOptions(MaximumDepth: limit), new RecordingSink());
        Assert.Equal(isError, result.IsError);
        Assert.Equal(isError ? "JSON depth limit exceeded" : "", result.Message);
    }

    [Fact]
    public void Nesting_as_deep_as_the_limit_costs_no_stack()
    {
        const int depth = 1_000_000;
        var text = new byte[2 * depth];
        text.AsSpan(0, depth).Fill((byte)'[');
        text.AsSpan(depth).Fill((byte)']');
        Assert.False(JsonReader.Read(text, new JsonOptions(depth, Names: JsonNames.ModSecurity3), new RecordingSink()).IsError);
    }

    [Fact]
    public void More_arguments_than_the_limit_are_an_error()
    {
        var sink = new RecordingSink();
        var result = JsonReader.Read("[1,2,3]"u8, new JsonOptions(MaximumArguments: 2), sink);
        Assert.True(result.IsArgumentLimitReached);
        Assert.Equal(2, sink.Taken.Count);
        Assert.False(JsonReader.Read("[1,2]"u8, new JsonOptions(MaximumArguments: 2), sink).IsError);
        Assert.True(JsonReader.Read("[1,2]"u8, new JsonOptions(MaximumArguments: 2), sink, argumentsBefore: 1).IsArgumentLimitReached);
        Assert.True(JsonReader.Read("[1]"u8, new JsonOptions(MaximumArguments: 2), sink, argumentsBefore: 3).IsArgumentLimitReached);
    }

    [Fact]
    public void Names_that_would_outgrow_the_text_many_times_are_an_error()
    {
        // A long key over many elements, and in ModSecurity's second version over many levels: its name would be repeated each time.
        var key = new string('k', 50_000);
        var elements = string.Join(',', Enumerable.Repeat("1", 1000));
        AssertTooLong($"{{\"{key}\":[{elements}]}}", JsonNames.ModSecurity2);
        AssertTooLong($"{{\"{key}\":[{elements}]}}", JsonNames.ModSecurity3);
        AssertTooLong($"{{\"{key}\":{new string('[', 500)}{new string(']', 500)}}}", JsonNames.ModSecurity2);
        AssertTooLong($"{{\"{key}\":[{string.Join(',', Enumerable.Repeat("[[]]", 5000))}]}}", JsonNames.ModSecurity2);
    }

    private static void AssertTooLong(string text, JsonNames names)
        => Assert.Equal("JSON: names too long", JsonReader.Read(Encoding.ASCII.GetBytes(text), new JsonOptions(Names: names), new RecordingSink()).Message);

    private static string Read(string text, JsonOptions options)
    {
        var sink = new RecordingSink();
        var result = JsonReader.Read(Encoding.UTF8.GetBytes(text), options, sink);
        Assert.Equal("", result.Message);
        Assert.Equal(sink.Taken.Count, result.Arguments);
        return string.Join('|', sink.Taken);
    }
}
