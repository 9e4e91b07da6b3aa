using System.Text;
using Portcullis.Waf.Bodies;

namespace Portcullis.Waf.Tests.Bodies;

public sealed class UrlEncodedReaderTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a=1&b=2", "a=1|b=2")]
    [InlineData("a", "a=")]
    [InlineData("a=", "a=")]
    [InlineData("=1", "=1")]
    [InlineData("a=1&", "a=1")]
    [InlineData("&a=1&&b", "=|a=1|=|b=")]
    [InlineData("a=b=c", "a=b=c")]
    [InlineData("a;b=1", "a;b=1")]
    [InlineData("a=1&a=2", "a=1|a=2")]
    public void Pairs_stand_between_separators(string text, string expected)
    {
        var sink = new RecordingSink();
        var result = UrlEncodedReader.Read(Encoding.Latin1.GetBytes(text), (byte)'&', 100, sink, out var invalid);
        Assert.False(result.IsError);
        Assert.Equal(expected, string.Join('|', sink.Taken));
        Assert.Equal(sink.Taken.Count, result.Arguments);
        Assert.Equal(0, invalid);
    }

    [Theory]
    [InlineData("a+b%3D=c%2525+%41", "a b==c%25 A", 0)]
    [InlineData("%61%00=%u0041%zz%4&%=%", "a\0=%u0041%zz%4|%=%", 5)]
    public void Names_and_values_are_decoded_once_and_what_is_invalid_stays_and_counts(string text, string expected, int invalid)
    {
        var sink = new RecordingSink();
        UrlEncodedReader.Read(Encoding.Latin1.GetBytes(text), (byte)'&', 100, sink, out var counted);
        Assert.Equal(expected, string.Join('|', sink.Taken));
        Assert.Equal(invalid, counted);
    }

    [Fact]
    public void The_separator_is_the_one_that_is_configured()
    {
        var sink = new RecordingSink();
        UrlEncodedReader.Read("a=1&x;b=2"u8, (byte)';', 100, sink, out _);
        Assert.Equal(["a=1&x", "b=2"], sink.Taken);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(1, true)]
    [InlineData(0, true)]
    public void More_arguments_than_the_limit_are_an_error_and_the_others_are_passed_on(int limit, bool isError)
    {
        var sink = new RecordingSink();
        var result = UrlEncodedReader.Read("a=1&b=2"u8, (byte)'&', limit, sink, out _);
        Assert.Equal(isError, result.IsError);
        Assert.Equal(isError, result.IsArgumentLimitReached);
        Assert.Equal(limit, sink.Taken.Count);
        Assert.Equal(isError ? "SecArgumentsLimit exceeded" : "", result.Message);
    }

    [Fact]
    public void A_body_that_nobody_has_read_is_an_error() => Assert.True(default(BodyResult).IsError);
}
