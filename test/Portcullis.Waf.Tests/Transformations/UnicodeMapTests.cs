using System.Text;
using Portcullis.Waf.Transformations;

namespace Portcullis.Waf.Tests.Transformations;

public sealed class UnicodeMapTests
{
    private const string File = """
        (MAC - Roman)


        1252  (ANSI - Latin I)
        0100:41 0101:61

        20127 (US-ASCII)
        00a1:21 00aa:61 2018:27
        2019:27
        28591 (ISO 8859-1 Latin I)
        0100:42
        """;

    [Theory]
    [InlineData("%u2215%u0041", "\u0015A")]
    [InlineData("%uff1cscript%uFF1E", "<script>")]
    [InlineData("%u0131%u212a", "1*")]
    public void Without_a_map_full_width_forms_become_ASCII_and_else_the_low_byte_counts(string value, string expected)
        => Assert.Equal(expected, Decode(UnicodeMap.None, value));

    [Theory]
    [InlineData("%u2018%u00c0%u0131%u2039", "'Ai<")]
    [InlineData("%uff1cscript%uFF1E%uff1f%uff0e%u3002%uff61", "<script>?...")]
    [InlineData("%u0041%u00e4%u4141", "AaA")]
    public void By_default_the_map_is_that_of_code_page_20127(string value, string expected)
        => Assert.Equal(expected, Decode(UnicodeMap.Default, value));

    [Fact]
    public void A_map_is_read_from_the_lines_below_its_code_page()
    {
        var map = UnicodeMap.Read(File, 20127, out var error);
        Assert.Null(error);
        Assert.Equal("!a''\0.", Decode(map!, "%u00a1%u00aa%u2018%u2019%u0100%u3002"));
        Assert.Equal("B", Decode(UnicodeMap.Read(File, 28591, out _)!, "%u0100"));
    }

    [Theory]
    [InlineData(File, 437, "code page 437 is not in the file")]
    [InlineData("20127\n00a1=21", 20127, null)]
    [InlineData("20127\n00a1:21 00a2", 20127, "line 2: not pairs of hexadecimal numbers, code:byte")]
    [InlineData("20127\n00a1:121", 20127, "line 2: not pairs of hexadecimal numbers, code:byte")]
    public void A_file_without_the_code_page_or_of_another_form_is_an_error(string file, int codePage, string? expected)
    {
        var map = UnicodeMap.Read(file, codePage, out var error);
        Assert.Equal(expected, error);
        Assert.Equal(expected is null, map is not null);
    }

    private static string Decode(UnicodeMap map, string value)
    {
        var bytes = Encoding.Latin1.GetBytes(value);
        var destination = new byte[bytes.Length];
        var isChanged = new TransformationTable(map).Find("urlDecodeUni")!.TryApply(bytes, destination, out var written);
        return isChanged ? Encoding.Latin1.GetString(destination, 0, written) : value;
    }
}
