using System.Text;
using Portcullis.Waf.Bodies;

namespace Portcullis.Waf.Tests.Bodies;

/// <summary>Cases are written with "\n" for CR LF, and "\v" for a line feed alone.</summary>
public sealed class MultipartReaderTests
{
    private const string Usual = "multipart/form-data; boundary=b";
    private const string NameA = "--b\nContent-Disposition: form-data; name=\"a\"\n\n";

    [Theory]
    [InlineData(NameA + "1\n--b--\n", "a>Content-Disposition: form-data; name=\"a\"|a=1")]
    [InlineData(NameA + "\n--b--\n", "a>Content-Disposition: form-data; name=\"a\"|a=")]
    [InlineData(NameA + "1\n\n2\n\n--b--\n", "a>Content-Disposition: form-data; name=\"a\"|a=1\n\n2\n")]
    [InlineData(NameA + "1\n--b--", "a>Content-Disposition: form-data; name=\"a\"|a=1")]
    [InlineData("--b\nContent-Disposition: form-data; name=x; filename=\"f.txt\"\nContent-Type: text/plain\n\nhello\n--b--\n",
        "x>Content-Disposition: form-data; name=x; filename=\"f.txt\"|x>Content-Type: text/plain|x=f.txt:hello")]
    [InlineData("--b\ncontent-disposition:form-data;name=\"a\\\"\\\\\\c\"\n\n--\n--b--\n",
        "a\"\\\\c>content-disposition:form-data;name=\"a\\\"\\\\\\c\"|a\"\\\\c=--")]
    [InlineData("--b\nContent-Disposition: form-data; filename=\"\" ; name=\"%41\"\n\n\0\u00ff\n--b--\n",
        "%41>Content-Disposition: form-data; filename=\"\" ; name=\"%41\"|%41=:\0\u00ff")]
    [InlineData("--b\nContent-Disposition: form-data; name=\"a\";\n\n1\n--b--\n", "a>Content-Disposition: form-data; name=\"a\";|a=1")]
    [InlineData("", "")]
    [InlineData("--b--\n", "")]
    public void Parts_are_arguments_or_files_with_their_headers(string body, string expected)
    {
        var flags = Read(Usual, body, out var taken, out var message);
        Assert.Equal("", message);
        Assert.Equal(expected, taken);
        Assert.Equal(MultipartFlags.None, flags & MultipartFlags.Strict);
    }

    [Fact]
    public void Several_parts_come_in_order()
    {
        Read(Usual, NameA + "1\n" + NameA + "2\n--b\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\n\n3\n--b--\n", out var taken, out _);
        Assert.Equal(["a=1", "a=2", "f=x:3"], taken.Split('|').Where(one => !one.Contains('>', StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=\"b\"", "BoundaryQuoted")]
    [InlineData("multipart/form-data; boundary =b", "BoundaryWhitespace")]
    [InlineData("multipart/form-data boundary=b", "MissingSemicolon")]
    [InlineData("Multipart/FORM-DATA ; boundary=b", "None")]
    public void What_is_unusual_about_the_boundary_parameter_is_reported(string contentType, string expected)
    {
        Assert.Equal(expected, (Read(contentType, NameA + "1\n--b--\n", out var taken, out _) & MultipartFlags.Strict).ToString());
        Assert.EndsWith("|a=1", taken, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Multipart: Content-Type header not available")]
    [InlineData("multipart/mixed; boundary=b", "Multipart: invalid media type")]
    [InlineData("multipart/form-data", "Multipart: boundary not found in Content-Type")]
    [InlineData("multipart/form-data; Boundary=b", "Multipart: invalid boundary in Content-Type (case)")]
    [InlineData("multipart/form-data; boundary=b; boundary=c", "Multipart: several boundary parameters in Content-Type")]
    [InlineData("multipart/form-data; charset=utf-8; boundary=b", "Multipart: invalid boundary in Content-Type (malformed)")]
    [InlineData("multipart/form-data;; boundary=b", "Multipart: invalid boundary in Content-Type (malformed)")]
    [InlineData("multipart/form-data; boundary", "Multipart: invalid boundary in Content-Type (malformed)")]
    [InlineData("multipart/form-data; boundary2=b", "Multipart: invalid boundary in Content-Type (parameter name)")]
    [InlineData("multipart/form-data; boundary=\"b", "Multipart: invalid boundary in Content-Type (quote)")]
    [InlineData("multipart/form-data; boundary=b\"", "Multipart: invalid boundary in Content-Type (quote)")]
    [InlineData("multipart/form-data; boundary=", "Multipart: invalid boundary in Content-Type (empty)")]
    [InlineData("multipart/form-data; boundary=\"\"", "Multipart: invalid boundary in Content-Type (empty)")]
    [InlineData("multipart/form-data; boundary=b; charset=x", "Multipart: invalid boundary in Content-Type (characters)")]
    [InlineData("multipart/form-data; boundary=b@", "Multipart: invalid boundary in Content-Type (characters)")]
    [InlineData("multipart/form-data; boundary=\"b \"", "Multipart: invalid boundary in Content-Type (characters)")]
    public void A_boundary_that_readers_understand_differently_is_an_error(string contentType, string expected)
    {
        Assert.Equal(MultipartFlags.Error, Read(contentType, NameA + "1\n--b--\n", out var taken, out var message) & MultipartFlags.Error);
        Assert.Equal(expected, message);
        Assert.Equal("", taken);
    }

    [Fact]
    public void A_Content_Type_of_more_than_a_kilobyte_is_an_error()
    {
        Read("multipart/form-data;" + new string(' ', 1000) + "boundary=b", "--b--\n", out _, out var message);
        Assert.Equal("Multipart: invalid boundary in Content-Type (length)", message);
    }

    [Theory]
    [InlineData(70, "")]
    [InlineData(71, "Multipart: invalid boundary in Content-Type (length)")]
    public void A_boundary_has_at_most_70_characters(int length, string expected)
    {
        var boundary = new string('b', length);
        Read("multipart/form-data; boundary=" + boundary, $"--{boundary}--\n", out _, out var message);
        Assert.Equal(expected, message);
    }

    [Theory]
    [InlineData("x\n" + NameA + "1\n--b--\n", "DataBefore")]
    [InlineData("\n" + NameA + "1\n--b--\n", "DataBefore")]
    [InlineData(NameA + "1\n--b--\nx", "DataAfter")]
    [InlineData(NameA + "1\n--b--\n\n", "DataAfter")]
    [InlineData("--b\nContent-Disposition: form-data;\n name=\"a\"\n\n1\n--b--\n", "HeaderFolding")]
    [InlineData("--b\nContent-Disposition: form-data;\n \fname=\"a\"\n\n1\n--b--\n", "HeaderFolding, InvalidHeaderFolding")]
    [InlineData("--b\vContent-Disposition: form-data; name=\"a\"\n\n1\n--b--\n", "LfLine")]
    [InlineData("--b\nContent-Disposition: form-data; name=\"a\"\v\n1\n--b--\n", "LfLine")]
    [InlineData("--b\nContent-Disposition: form-data; name=\"a\"\n\v1\n--b--\n", "LfLine")]
    [InlineData(NameA + "1\v--b--\n", "LfLine")]
    [InlineData(NameA + "1\n--b--\v", "LfLine")]
    [InlineData(NameA + "1\v--b--", "LfLine")]
    [InlineData("--b\nContent-Disposition: form-data; name='a'\n\n1\n--b--\n", "InvalidQuoting")]
    [InlineData("--b\nContent-Disposition: form-data; name=a'b\n\n1\n--b--\n", "InvalidQuoting")]
    [InlineData("--b\nContent-Disposition: form-data; name=\"a'b\"\n\n1\n--b--\n", "None")]
    [InlineData(NameA + "--b--", "InvalidPart")]
    [InlineData(NameA + "--b\n1\n--b--\n", "InvalidPart")]
    [InlineData("--b\n--b--", "InvalidPart")]
    public void What_readers_may_understand_differently_is_reported(string body, string expected)
    {
        var flags = Read(Usual, body, out _, out var message);
        Assert.Equal("", message);
        Assert.Equal(expected, (flags & MultipartFlags.Strict).ToString());
    }

    [Theory]
    [InlineData(NameA + "--x\n--b--\n", "BoundaryLikeLine")]
    [InlineData(NameA + "x--b\n--b--\n", "StrayBoundary")]
    [InlineData(NameA + "x---b\n--b--\n", "StrayBoundary")]
    [InlineData(NameA + "x --c\n--b--\n", "None")]
    [InlineData(NameA + "--\v\n--b--\n", "None")]
    [InlineData("--b\nContent-Disposition: form-data; name=\"--b\"\n\n1\n--b--\n", "StrayBoundary")]
    public void What_looks_like_a_boundary_and_is_none_is_reported(string body, string expected)
        => Assert.Equal(expected, (Read(Usual, body, out _, out _) & MultipartFlags.UnmatchedBoundary).ToString());

    [Theory]
    [InlineData("x", "Multipart: no boundaries found in payload")]
    [InlineData("--b--", "Multipart: no boundaries found in payload")]
    [InlineData(NameA + "1\n", "Multipart: final boundary missing")]
    [InlineData(NameA + "1\n--b", "Multipart: final boundary missing")]
    [InlineData(NameA + "1\n--b\nContent-Dis", "Multipart: final boundary missing")]
    [InlineData(NameA + "1\n--bc\n--b--\n", "Multipart: invalid boundary")]
    [InlineData(NameA + "1\n--b \n--b--\n", "Multipart: invalid boundary")]
    [InlineData(NameA + "1\n--b--x\n", "Multipart: invalid boundary")]
    [InlineData(NameA + "1\n-- b\n--b--\n", "Multipart: invalid boundary (white space)")]
    [InlineData("--b\n\n1\n--b--\n", "Multipart: part missing Content-Disposition header")]
    [InlineData("--b\nX: y\n\n1\n--b--\n", "Multipart: part missing Content-Disposition header")]
    [InlineData("--b\n X: y\n\n1\n--b--\n", "Multipart: invalid part header (folding)")]
    [InlineData("--b\nX\n\n1\n--b--\n", "Multipart: invalid part header (colon missing)")]
    [InlineData("--b\n: y\n\n1\n--b--\n", "Multipart: invalid part header (name missing)")]
    [InlineData("--b\nX: y\nx: z\n\n1\n--b--\n", "Multipart: duplicate part header")]
    [InlineData("--b\nX: y\0\n\n1\n--b--\n", "Multipart: NUL in part headers")]
    [InlineData("--b\n--b\n", "Multipart: invalid part header (colon missing)")]
    public void A_malformed_body_is_an_error(string body, string expected)
    {
        var flags = Read(Usual, body, out _, out var message);
        Assert.Equal(expected, message);
        Assert.Equal(MultipartFlags.Error, flags & MultipartFlags.Error);
    }

    [Theory]
    [InlineData("X Y: z")]
    [InlineData("X\u00e4: z")]
    [InlineData("\u000eContent-Disposition: form-data; name=\"file\"; filename=\"1.php\"")]
    public void A_part_header_with_an_odd_name_is_passed_on_and_reported(string header)
    {
        var flags = Read(Usual, $"--b\n{header}\nContent-Disposition: form-data; name=\"a\"\n\n1\n--b--\n", out var taken, out var message);
        Assert.Empty(message);
        Assert.Equal(MultipartFlags.InvalidPart, flags & (MultipartFlags.Error | MultipartFlags.InvalidPart));
        Assert.Contains(header, taken, StringComparison.Ordinal);
    }

    [Fact]
    public void Quotes_around_the_boundary_in_the_body_are_an_error()
    {
        Read("multipart/form-data; boundary=\"b\"", "--\"b\"\n", out _, out var message);
        Assert.Equal("Multipart: invalid boundary (quotes)", message);
    }

    [Theory]
    [InlineData("attachment; name=\"a\"")]
    [InlineData("Form-Data; name=\"a\"")]
    [InlineData("form-data name=\"a\"")]
    [InlineData("form-data; name=\"a\"; ")]
    [InlineData("form-data; name")]
    [InlineData("form-data; name=")]
    [InlineData("form-data; name=\"a")]
    [InlineData("form-data; name=\"a\\\"")]
    [InlineData("form-data; name=\"a\" x")]
    [InlineData("form-data; name=\"a\"; filename*=UTF-8''x")]
    [InlineData("form-data; name=\"a\"; filename =\"x\"")]
    [InlineData("form-data; NAME=\"a\"")]
    public void A_malformed_Content_Disposition_is_an_error(string value)
    {
        Read(Usual, $"--b\nContent-Disposition: {value}\n\n1\n--b--\n", out var taken, out var message);
        Assert.Equal("Multipart: invalid Content-Disposition header", message);
        Assert.Equal("", taken);
    }

    [Theory]
    [InlineData("form-data", "Multipart: Content-Disposition header missing name field")]
    [InlineData("form-data; filename=\"a\"", "Multipart: Content-Disposition header missing name field")]
    [InlineData("form-data; name=\"a\"; name=\"b\"", "Multipart: duplicate name in a Content-Disposition header")]
    [InlineData("form-data; name=\"a\"; filename=\"b\"; filename=\"c\"", "Multipart: duplicate filename in a Content-Disposition header")]
    public void A_part_has_one_name_and_at_most_one_file_name(string value, string expected)
    {
        Read(Usual, $"--b\nContent-Disposition: {value}\n\n1\n--b--\n", out _, out var message);
        Assert.Equal(expected, message);
    }

    [Theory]
    [InlineData("form-data; name=\"a\"x", "InvalidQuoting")]
    [InlineData("form-data; name=\"a\" x", "None")]
    public void Text_behind_the_quotes_of_a_parameter_is_reported(string value, string expected)
        => Assert.Equal(expected, (Read(Usual, $"--b\nContent-Disposition: {value}\n\n1\n--b--\n", out _, out _) & MultipartFlags.InvalidQuoting).ToString());

    [Fact]
    public void A_folded_part_header_is_passed_on_as_one_line()
    {
        Read(Usual, "--b\nContent-Disposition:form-data;\n \t name=\"a\"\nX: y\n z\n\tw\n\n1\n--b--\n", out var taken, out _);
        Assert.Equal("a>Content-Disposition: form-data; name=\"a\"|a>X: y z w|a=1", taken);
    }

    [Fact]
    public void Long_and_many_part_headers_are_errors()
    {
        Read(Usual, $"--b\nX: {new string('y', 4096)}\n\n", out _, out var line);
        Assert.Equal("Multipart: part header line too long", line);
        Read(Usual, $"--b\nX: y\n {new string('y', 2100)}\n {new string('y', 2100)}\n\n", out _, out var folded);
        Assert.Equal("Multipart: part header too long", folded);
        Read(Usual, $"--b\n{string.Concat(Enumerable.Range(0, 65).Select(i => $"X{i}: y\n"))}\n", out _, out var many);
        Assert.Equal("Multipart: too many part headers", many);
    }

    [Fact]
    public void More_arguments_than_the_limit_are_an_error_and_more_files_are_reported()
    {
        var file = "--b\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\n\n1\n";
        var sink = new RecordingSink();
        var limits = new MultipartLimits(MaximumArguments: 1, MaximumFiles: 1);
        var result = MultipartReader.Read(Bytes(Usual), Bytes(NameA + "1\n" + NameA + "2\n--b--\n"), limits, sink, out _);
        Assert.True(result.IsArgumentLimitReached);
        Assert.Equal(1, result.Arguments);
        result = MultipartReader.Read(Bytes(Usual), Bytes(NameA + "1\n--b--\n"), limits, sink, out _, argumentsBefore: 1);
        Assert.True(result.IsArgumentLimitReached);

        result = MultipartReader.Read(Bytes(Usual), Bytes(NameA + "1\n" + file + "--b--\n"), limits, sink, out var flags);
        Assert.False(result.IsError);
        Assert.Equal(MultipartFlags.None, flags & MultipartFlags.FileLimitExceeded);
        MultipartReader.Read(Bytes(Usual), Bytes(file + file + "--b--\n"), limits, sink, out flags);
        Assert.Equal(MultipartFlags.FileLimitExceeded, flags & MultipartFlags.FileLimitExceeded);
    }

    private static MultipartFlags Read(string contentType, string body, out string taken, out string message)
    {
        var sink = new RecordingSink();
        message = MultipartReader.Read(Bytes(contentType), Bytes(body), new MultipartLimits(), sink, out var flags).Message;
        taken = string.Join('|', sink.Taken).Replace("\r\n", "\n", StringComparison.Ordinal);
        return flags;
    }

    private static byte[] Bytes(string text)
        => Encoding.Latin1.GetBytes(text.Replace("\n", "\r\n", StringComparison.Ordinal).Replace('\v', '\n'));
}
