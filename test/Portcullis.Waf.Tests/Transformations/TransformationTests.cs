using System.Text;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Transformations;

namespace Portcullis.Waf.Tests.Transformations;

/// <summary>
/// Results as the reference manual of ModSecurity and the behaviour of ModSecurity 2.9 have them. Cases are Latin-1: a character is a byte.
/// </summary>
public sealed class TransformationTests
{
    [Theory]
    [InlineData("base64Decode", "c2VsZWN0", "select")]
    [InlineData("base64Decode", "c2VsZWN0MQ==", "select1")]
    [InlineData("base64Decode", "c2VsZWN0MTI=", "select12")]
    [InlineData("base64Decode", "c2Vs!ZWN0", "sel")]
    [InlineData("base64Decode", "c2VsZ", "sel")]
    [InlineData("base64Decode", "c2VsZW", "sele")]
    [InlineData("base64Decode", "=", "")]
    [InlineData("base64DecodeExt", "c2.Vs\u00ffZW\0N0", "select")]
    [InlineData("base64DecodeExt", "c2VsZWN0MQ==", "select1")]
    [InlineData("base64DecodeExt", "c2VsZ=", "")]
    [InlineData("base64Encode", "select1", "c2VsZWN0MQ==")]
    [InlineData("cmdLine", "C^md.e'X\"e\\\", /c;\t DIR (x", "cmd.exe/c dir(x")]
    [InlineData("cmdLine", "a\0 B", "a\0 b")]
    [InlineData("compressWhitespace", "a \t\n\u00a0b\vc", "a b c")]
    [InlineData("cssDecode", "\\6a avas\\000063\\72 ipt\\3a\\\nx\\z\\", "javascript:xz")]
    [InlineData("cssDecode", "\\ff41 \\0ff42\\00ff43\\1ff44\\ff00\\ff5f", "abcD\0_")]
    [InlineData("escapeSeqDecode", "\\a\\b\\f\\n\\r\\t\\v\\?\\\\\\'\\\"", "\a\b\f\n\r\t\v?\\'\"")]
    [InlineData("escapeSeqDecode", "\\x41\\X42\\103\\1044\\666\\8\\xg\\", "ABCD4\u00b68xg\\")]
    [InlineData("hexDecode", "73656c6563740", "select")]
    [InlineData("hexEncode", "a\u00ff", "61ff")]
    [InlineData("htmlEntityDecode", "&quot;&AMP;&lt&gt;&nbsp;&apos;&ltx;", "\"&<>\u00a0&apos;&ltx;")]
    [InlineData("htmlEntityDecode", "&#65;&#066&#x43;&#X00144&#;&#x;&#x&#", "ABCD&#;&#x;&#x&#")]
    [InlineData("htmlEntityDecode", "&#9223372036854775807;&#9223372036854775808;&#x10000000000000041;&", "\u00ff\u00ff\u00ff&")]
    [InlineData("jsDecode", "\\u0041\\uff22\\x43\\104\\777\\u00\\xg\\q\\", "ABCD?7u00xgq\\")]
    [InlineData("jsDecode", "\\a\\b\\f\\n\\r\\t\\v\\\\", "\a\b\f\n\r\t\v\\")]
    [InlineData("length", "12345678901", "11")]
    [InlineData("lowercase", "ABCxyz\u00c4 0123456789 [@`{ THE END OF A LONGER VALUE", "abcxyz\u00c4 0123456789 [@`{ the end of a longer value")]
    [InlineData("uppercase", "abcXYZ\u00e4{", "ABCXYZ\u00e4{")]
    [InlineData("parityEven7bit", "\0\u0001\u0003\u0080\u0081", "\0\u0081\u0003\u0080\u0001")]
    [InlineData("parityOdd7bit", "\0\u0001\u0003\u0080\u0081", "\u0080\u0001\u0083\0\u0081")]
    [InlineData("parityZero7bit", "\u00c1\u0042", "AB")]
    [InlineData("removeNulls", "\0a\0\0b\0", "ab")]
    [InlineData("replaceNulls", "\0a\0\0b\0", " a  b ")]
    [InlineData("removeWhitespace", " a\t\n\v\f\rb\u00a0c", "abc")]
    [InlineData("removeComments", "a/* b */c<!-- d -->e/* f --> g", "ace g")]
    [InlineData("removeComments", "a/*b*/", "a\0")]
    [InlineData("removeComments", "a/*b", "a ")]
    [InlineData("removeComments", "a -- b", "a ")]
    [InlineData("removeComments", "a - <! b # c", "a - <! b ")]
    [InlineData("removeCommentsChar", "a/*b*/c<!--d-->e--f#g-h", "abcdefg-h")]
    [InlineData("replaceComments", "a/**/b/* c", "a b ")]
    [InlineData("replaceComments", "a*/b", "a*/b")]
    [InlineData("sqlHexDecode", "x0x73656C65637z 0X41 0x4g 00x42", "xselec7z A 0x4g 0B")]
    [InlineData("trim", " \t\n\v\f\ra b \r\n", "a b")]
    [InlineData("trimLeft", " a ", "a ")]
    [InlineData("trimRight", " a ", " a")]
    [InlineData("urlDecode", "a+b%20c%2fd%zz%4%", "a b c/d%zz%4%")]
    [InlineData("urlDecodeUni", "a+b%20%u0041%Uff22%u00zz%u00%%41", "a b AB%u00zz%u00%A")]
    [InlineData("urlEncode", "a b*c~/\u00ff", "a+b*c%7e%2f%ff")]
    [InlineData("utf8toUnicode", "a\u00c3\u00a9\u00e2\u0082\u00ac\u00f0\u009f\u0098\u0080", "a%u00e9%u20ac%u1f600")]
    [InlineData("utf8toUnicode", "\u00c0\u00af\u00ed\u00a0\u0080\u0080\0\u00c3", "%u002f\u00c0%ud800\u00ed\u0080")]
    public void A_value_becomes_what_ModSecurity_2_makes_of_it(string name, string value, string expected)
        => Assert.Equal(expected, Apply(TransformationTable.Default, name, value));

    [Theory]
    [InlineData("/foo/bar", "/foo/bar")]
    [InlineData("/foo//bar", "/foo/bar")]
    [InlineData("/foo/./bar/.", "/foo/bar")]
    [InlineData("/foo/../bar", "/bar")]
    [InlineData("/../../etc/passwd", "/etc/passwd")]
    [InlineData("/foo/..", "")]
    [InlineData("/foo/bar/..", "/foo")]
    [InlineData("/foo/bar/../", "/foo/")]
    [InlineData("foo/../../bar", "../bar")]
    [InlineData("../foo", "../foo")]
    [InlineData("./foo/.", "foo")]
    [InlineData("..", "..")]
    [InlineData(".", "")]
    [InlineData("/.", "")]
    [InlineData("/", "/")]
    [InlineData("/foo/bar../x", "/foo/x")]
    [InlineData("/foo/.bar./...x", "/foo/.bar./...x")]
    [InlineData("foo\\..\\bar", "foo\\..\\bar")]
    public void A_path_loses_what_changes_nothing(string value, string expected)
        => Assert.Equal(expected, Apply(TransformationTable.Default, "normalisePath", value));

    [Theory]
    [InlineData("\\foo\\..\\bar\\", "/bar/")]
    [InlineData("c:\\foo/\\\\bar", "c:/foo/bar")]
    public void A_Windows_path_has_backslashes_for_slashes(string value, string expected)
        => Assert.Equal(expected, Apply(TransformationTable.Default, "normalizePathWin", value));

    [Fact]
    public void Digests_are_of_the_bytes_and_the_empty_value_has_one()
    {
        // FIPS 180-4 and RFC 1321, test suites.
        Assert.Equal("A9993E364706816ABA3E25717850C26C9CD0D89D", Hexadecimal("sha1", "abc"));
        Assert.Equal("900150983CD24FB0D6963F7D28E17F72", Hexadecimal("md5", "abc"));
        Assert.Equal("D41D8CD98F00B204E9800998ECF8427E", Hexadecimal("md5", ""));
        Assert.Equal("0", Apply(TransformationTable.Default, "length", ""));
        Assert.Equal("", Apply(TransformationTable.Default, "hexEncode", ""));
    }

    [Fact]
    public void Names_are_found_in_any_case_and_spelling()
    {
        var table = TransformationTable.Default;
        Assert.Same(table.Find("normalisepath"), table.Find("NormalizePath"));
        Assert.Same(table.Find("normalisePathWin"), table.Find("normalizepathwin"));
        Assert.Equal("cmdLine", table.Find("CMDLINE")?.Name);
        Assert.Equal("utf8toUnicode", table.Find("Utf8ToUnicode")?.Name);
        Assert.Null(table.Find("none"));
        Assert.Null(table.Find("sha512"));
        Assert.Equal(table.All.Count, table.All.Select(one => one.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void Each_byte_alone_and_twice_changes_only_where_a_trigger_occurs()
    {
        Span<byte> destination = stackalloc byte[64];
        foreach (var one in TransformationTable.Default.All)
        {
            for (var value = 0; value < 256; value++)
            {
                byte[][] values = [[(byte)value], [(byte)value, (byte)value], [(byte)'0', (byte)value, (byte)'1']];
                foreach (var bytes in values)
                {
                    var isChanged = one.TryApply(bytes, destination, out var written);
                    Assert.True(!isChanged || one.CanChange(ByteSet.Of(bytes)), $"{one.Name} of {value}");
                    Assert.Equal(isChanged, isChanged && !bytes.AsSpan().SequenceEqual(destination[..written]));
                    Assert.InRange(written, 0, one.MaximumLength(bytes.Length));
                }
            }
        }
    }

    private static string Hexadecimal(string name, string value)
        => Convert.ToHexString(Encoding.Latin1.GetBytes(Apply(TransformationTable.Default, name, value)));

    private static string Apply(TransformationTable table, string name, string value)
    {
        var transformation = table.Find(name)!;
        var bytes = Encoding.Latin1.GetBytes(value);
        var destination = new byte[transformation.MaximumLength(bytes.Length)];
        return transformation.TryApply(bytes, destination, out var written) ? Encoding.Latin1.GetString(destination, 0, written) : value;
    }
}
