using System.Text.Json;
using Portcullis.Trust.Keys;

namespace Portcullis.Trust.Tests.Keys;

public sealed class SecretTests
{
    private sealed record Holder(string Name, Secret Password);

    [Fact]
    public void No_printed_form_shows_the_value()
    {
        var holder = new Holder("db", Secret.FromText("hunter2"));

        Assert.Equal("[redacted]", holder.Password.ToString());
        Assert.Equal("[redacted]", $"{holder.Password}");
        Assert.DoesNotContain("hunter2", holder.ToString());
        Assert.Equal("""{"Name":"db","Password":"[redacted]"}""", JsonSerializer.Serialize(holder));
    }

    [Fact]
    public void A_redacted_document_is_not_read_back() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Holder>("""{"Name":"db","Password":"[redacted]"}"""));

    [Theory]
    [InlineData("hunter2", true)]
    [InlineData("hunter3", false)]
    [InlineData("hunter22", false)]
    [InlineData("", false)]
    public void Only_the_same_value_matches(string candidate, bool expected)
    {
        var secret = Secret.FromText("hunter2");

        Assert.Equal(expected, secret.Matches(candidate));
        Assert.Equal(expected, secret.Equals(Secret.FromText(candidate)));
        Assert.Equal(expected, new Holder("a", secret) == new Holder("a", Secret.FromText(candidate)));
    }

    [Fact]
    public void The_hash_code_tells_nothing() => Assert.Equal(Secret.FromText("a").GetHashCode(), Secret.FromText("b").GetHashCode());

    [Fact]
    public void Reveal_gives_the_value_back()
    {
        Assert.Equal("pässword", Secret.FromText("pässword").Reveal());
        Assert.Equal([1, 2, 3], Secret.FromBytes([1, 2, 3]).RevealBytes().ToArray());
    }

    [Fact]
    public void Generated_secrets_have_the_asked_strength_and_differ()
    {
        Assert.Equal(43, Secret.Generate().Reveal().Length);
        Assert.NotEqual(Secret.Generate(), Secret.Generate());
        Assert.Throws<ArgumentOutOfRangeException>(() => Secret.Generate(15));
    }
}
