using System.Text;
using System.Text.Json.Nodes;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tests.Keys;

/// <summary>Each field of the ring's file: an edited one is refused, and so is an authentic one that can't be.</summary>
public sealed class KeyRingFieldTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly ManualTimeProvider clock = new();

    public KeyRingFieldTests()
    {
        using var ring = Rings.Open(directory, clock);
        ring.Rotate(KeyPurpose.TokenSigning, immediately: true);
        ring.Rotate(KeyPurpose.Data);
    }

    public void Dispose() => directory.Dispose();

    [Fact]
    public void An_edit_of_any_field_is_refused()
    {
        using var wrapping = WrappingKeyFile.Read(directory.Wrapping);
        var file = File.ReadAllText(directory.Ring);
        var (head, body) = (file[..(file.IndexOf('\n', StringComparison.Ordinal) + 1)], JsonNode.Parse(file[file.IndexOf('\n', StringComparison.Ordinal)..])!);
        var fields = 0;
        foreach (var key in body["keys"]!.AsArray())
        {
            foreach (var (name, value) in key!.AsObject().ToList())
            {
                key[name] = value!.GetValueKind() == System.Text.Json.JsonValueKind.Number ? value.GetValue<long>() + 1 : value.GetValue<string>() + "A";
                Assert.Throws<KeyRingException>(() => KeyRingFormat.Read(directory.Ring, Encoding.UTF8.GetBytes(head + body.ToJsonString()), wrapping));
                key[name] = value.DeepClone();
                fields++;
            }
        }

        Assert.True(fields > 40);
    }

    [Theory]
    [InlineData("reserved", "-1")]
    [InlineData("reserved", "4294967297")]
    [InlineData("bits", "0")]
    [InlineData("bits", "-256")]
    [InlineData("bits", "1000000")]
    [InlineData("id", "\"\"")]
    [InlineData("id", "\"ABCDEF0123456789\"")]
    [InlineData("id", "\"0x23456789abcdef\"")]
    [InlineData("id", "\"0123456789abcde\"")]
    [InlineData("id", "\"00123456789abcdef\"")]
    [InlineData("purpose", "\"\"")]
    [InlineData("purpose", "\"a purpose with far more than thirty-two characters\"")]
    [InlineData("state", "\"\"")]
    [InlineData("state", "\"destroyed\"")]
    [InlineData("state", "\"retired\"")]
    [InlineData("algorithm", "\"none\"")]
    [InlineData("algorithm", "\"RS256\"")]
    [InlineData("sealed", "null")]
    [InlineData("sealed", "\"\"")]
    [InlineData("sealed", "\"not base64\"")]
    [InlineData("publicKey", "\"AAAA\"")]
    [InlineData("created", "\"yesterday\"")]
    [InlineData("created", "null")]
    [InlineData("activates", "17")]
    [InlineData("unknown", "1")]
    public void An_authentic_ring_with_an_impossible_field_is_refused(string field, string value)
    {
        using var wrapping = WrappingKeyFile.Read(directory.Wrapping);
        var body = Body();
        var key = body["keys"]!.AsArray().First(key => key!["purpose"]!.GetValue<string>() == "cookie")!;
        key[field] = JsonNode.Parse(value);

        Refused(body, wrapping);
    }

    [Fact]
    public void Two_keys_of_one_id_or_two_active_ones_of_one_purpose_are_refused()
    {
        using var wrapping = WrappingKeyFile.Read(directory.Wrapping);
        var body = Body();
        Assert.NotNull(KeyRingFormat.Read(directory.Ring, Sign(body, wrapping), wrapping));
        body["keys"]!.AsArray().Add(body["keys"]![1]!.DeepClone());
        Refused(body, wrapping);

        body = Body();
        foreach (var key in body["keys"]!.AsArray().Where(key => key!["purpose"]!.GetValue<string>() == "data"))
            key!["state"] = "active";
        Refused(body, wrapping);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"wraps\":0}")]
    [InlineData("{\"wraps\":0,\"keys\":null}")]
    [InlineData("{\"wraps\":0,\"keys\":[null]}")]
    [InlineData("{\"wraps\":-1,\"keys\":[]}")]
    [InlineData("{\"wraps\":0,\"wraps\":0,\"keys\":[]}")]
    [InlineData("{\"wraps\":0,\"keys\":[]} ")]
    [InlineData("{\"wraps\":0,\"keys\":[]}]")]
    public void An_authentic_body_of_another_shape_is_refused(string body)
    {
        using var wrapping = WrappingKeyFile.Read(directory.Wrapping);
        var isShape = body == "{\"wraps\":0,\"keys\":[]} ";
        Assert.Equal(isShape, Record.Exception(() => KeyRingFormat.Read("ring", Sign(body, wrapping), wrapping)) is null);
    }

    private static byte[] Sign(string body, WrappingKey wrapping) => KeyRingFormat.Sign(Encoding.UTF8.GetBytes(body), wrapping);

    private static byte[] Sign(JsonNode body, WrappingKey wrapping) => Sign(body.ToJsonString(), wrapping);

    private JsonNode Body()
    {
        var file = File.ReadAllText(directory.Ring);
        return JsonNode.Parse(file[file.IndexOf('\n', StringComparison.Ordinal)..])!;
    }

    private void Refused(JsonNode body, WrappingKey wrapping)
    {
        var refusal = Assert.Throws<KeyRingException>(() => KeyRingFormat.Read(directory.Ring, Sign(body, wrapping), wrapping));
        Assert.Contains("does not know", refusal.Message);
    }
}
