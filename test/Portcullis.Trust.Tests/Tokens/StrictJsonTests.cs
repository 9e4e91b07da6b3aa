using System.Text;
using System.Text.Json;
using Portcullis.Trust.Tokens;

namespace Portcullis.Trust.Tests.Tokens;

public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData(" {\"a\" : 1 }\r\n")]
    [InlineData("{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}")]
    [InlineData("{\"a\":[{\"a\":1},{\"a\":1}],\"b\":[]}")]
    [InlineData("{\"\":1,\"\\u0000\":2}")]
    [InlineData("{\"https:\\/\\/x\":\"\\ud83d\\ude00 \\\\ud800\"}")]
    [InlineData("{\"ä\":\"😀\"}")]
    public void Clear_objects_pass(string json) => Assert.True(StrictJson.IsObject(Encoding.UTF8.GetBytes(json), 8, out var fault), fault);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("[{}]")]
    [InlineData("1")]
    [InlineData("{}{}")]
    [InlineData("{},")]
    [InlineData("\ufeff{}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{/**/}")]
    [InlineData("{'a':1}")]
    [InlineData("{a:1}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":\"\t\"}")]
    [InlineData("{\"a\":1,\"a\":1}")]
    [InlineData("{\"a\":1,\"b\":{\"x\":0},\"a\":1}")]
    [InlineData("{\"b\":[{\"a\":1,\"a\":1}]}")]
    [InlineData("{\"a\":1,\"\\u0061\":1}")]
    [InlineData("{\"\\u0061\":1,\"a\":1}")]
    [InlineData("{\"\\u0061\":1,\"\\u0061\":1}")]
    [InlineData("{\"é\":1,\"\\u00e9\":1}")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    [InlineData("{\"a\":\"\\ud800x\"}")]
    [InlineData("{\"a\":\"\\ud800\\n\"}")]
    [InlineData("{\"a\":\"\\udc00\\ud800\"}")]
    [InlineData("{\"a\":\"\\ud800\\ud800\"}")]
    [InlineData("{\"\\udfff\":1}")]
    [InlineData("{\"a\":[[[[[[[[1]]]]]]]]}")]
    public void Anything_ambiguous_is_refused(string json)
    {
        Assert.False(StrictJson.IsObject(Encoding.UTF8.GetBytes(json), 8, out var fault));
        Assert.NotNull(fault);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xc0, 0xaf, (byte)'"', (byte)':', (byte)'1', (byte)'}' })]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xed, 0xa0, 0x80, (byte)'"', (byte)':', (byte)'1', (byte)'}' })]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}' })]
    [InlineData(new byte[] { (byte)'{', 0, (byte)'}' })]
    public void Text_that_is_not_UTF_8_is_refused(byte[] json) => Assert.False(StrictJson.IsObject(json, 8, out _));

    [Fact]
    public void The_bounds_hold_exactly()
    {
        Assert.True(StrictJson.IsObject(Members(256, ""), 8, out _));
        Assert.False(StrictJson.IsObject(Members(257, ""), 8, out _));
        Assert.False(StrictJson.IsObject(Members(250, "\\u0061"), 8, out _) && StrictJson.IsObject(Members(256, "\\u0061\\u0061\\u0061"), 8, out _));
        Assert.True(StrictJson.IsObject(Encoding.UTF8.GetBytes(new string('{', 1) + "\"a\":" + new string('[', 7) + new string(']', 7) + "}"), 8, out _));
    }

    [Fact]
    public void Its_verdict_equals_that_of_the_library_on_random_objects()
    {
        var random = new Random(20300103);
        var options = new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 };
        string[] pieces = ["{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "\"\\u0061\"", "1", "true", "\"a\":1", "\"b\":{\"a\":2}", ",\"a\":", " "];
        var objects = 0;
        for (var round = 0; round < 8_000; round++)
        {
            var json = "{" + string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => pieces[random.Next(pieces.Length)])) + "}";
            bool expected;
            try
            {
                using var document = JsonDocument.Parse(json, options);
                expected = document.RootElement.ValueKind == JsonValueKind.Object;
            }
            catch (JsonException)
            {
                expected = false;
            }

            objects += expected ? 1 : 0;
            Assert.True(expected == StrictJson.IsObject(Encoding.UTF8.GetBytes(json), 8, out _), json);
        }

        Assert.InRange(objects, 100, 7_900);
    }

    private static byte[] Members(int count, string prefix) =>
        Encoding.UTF8.GetBytes("{" + string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{prefix}{i}\":1")) + "}");
}
