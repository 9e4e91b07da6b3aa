using System.Buffers;

namespace Portcullis.Waf.Injection;

/// <summary>The bytes at which the HTML tokeniser stops.</summary>
internal static class HtmlBytes
{
    /// <summary>White space of HTML, and what old browsers took for it.</summary>
    public static readonly SearchValues<byte> White = SearchValues.Create(" \t\n\v\f\r\0"u8);
    public static readonly SearchValues<byte> TagNameEnds = SearchValues.Create(" \t\n\v\f\r/>"u8);
    public static readonly SearchValues<byte> AttributeNameEnds = SearchValues.Create(" \t\n\v\f\r\0/=>"u8);
    public static readonly SearchValues<byte> UnquotedValueEnds = SearchValues.Create(" \t\n\v\f\r\0>"u8);
}
