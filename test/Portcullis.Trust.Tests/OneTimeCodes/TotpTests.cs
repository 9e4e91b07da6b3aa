using System.Text;
using Portcullis.Trust.Keys;
using Portcullis.Trust.OneTimeCodes;

namespace Portcullis.Trust.Tests.OneTimeCodes;

public sealed class TotpTests
{
    private static readonly byte[] rfcKey = Encoding.ASCII.GetBytes("12345678901234567890");
    private static readonly Secret secret = Secret.FromBytes(rfcKey);
    private static readonly DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(1_900_000_010);

    // RFC 6238, appendix B.
    [Theory]
    [InlineData(59L, 94287082)]
    [InlineData(1111111109L, 7081804)]
    [InlineData(1111111111L, 14050471)]
    [InlineData(1234567890L, 89005924)]
    [InlineData(2000000000L, 69279037)]
    [InlineData(20000000000L, 65353130)]
    public void Vectors_of_the_RFC_come_out(long seconds, int code) => Assert.Equal(code, Totp.Compute(rfcKey, seconds / 30, 8));

    // RFC 4226, appendix D.
    [Fact]
    public void Vectors_of_HOTP_come_out() =>
        Assert.Equal([755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489], Enumerable.Range(0, 10).Select(counter => Totp.Compute(rfcKey, counter, 6)));

    [Theory]
    [InlineData(-2, TotpOutcome.Wrong)]
    [InlineData(-1, TotpOutcome.Accepted)]
    [InlineData(0, TotpOutcome.Accepted)]
    [InlineData(1, TotpOutcome.Accepted)]
    [InlineData(2, TotpOutcome.Wrong)]
    public void The_window_is_one_step_either_way(int steps, TotpOutcome outcome) =>
        Assert.Equal(outcome, Totp.Verify(secret, Totp.Code(secret, now.AddSeconds(30 * steps)), 0, now).Outcome);

    [Fact]
    public void A_code_is_used_once_and_so_is_every_one_before_it()
    {
        var step = now.ToUnixTimeSeconds() / 30;
        var check = Totp.Verify(secret, Totp.Code(secret, now), 0, now);
        Assert.Equal(new TotpCheck(TotpOutcome.Accepted, step), check);

        Assert.Equal(TotpOutcome.Replayed, Totp.Verify(secret, Totp.Code(secret, now), check.Step, now).Outcome);
        Assert.Equal(TotpOutcome.Replayed, Totp.Verify(secret, Totp.Code(secret, now), check.Step, now.AddSeconds(30)).Outcome);
        Assert.Equal(TotpOutcome.Replayed, Totp.Verify(secret, Totp.Code(secret, now.AddSeconds(-30)), check.Step, now).Outcome);
        Assert.Equal(TotpOutcome.Accepted, Totp.Verify(secret, Totp.Code(secret, now.AddSeconds(30)), check.Step, now).Outcome);
    }

    [Fact]
    public void A_code_counts_for_its_own_secret_alone() => Assert.Equal(TotpOutcome.Wrong, Totp.Verify(Totp.NewSecret(), Totp.Code(secret, now), 0, now).Outcome);

    [Fact]
    public void A_secret_that_is_empty_or_short_accepts_nothing()
    {
        foreach (var weak in new[] { Secret.FromText(""), Secret.FromText("short") })
            Assert.Equal(TotpOutcome.Wrong, Totp.Verify(weak, Totp.Code(weak, now), 0, now).Outcome);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("1234567")]
    [InlineData("12345a")]
    [InlineData("-12345")]
    [InlineData("١٢٣٤٥٦")]
    [InlineData("１２３４５６")]
    [InlineData("1\n23456")]
    public void What_is_not_six_digits_is_no_code(string code) => Assert.Equal(default, Totp.Verify(secret, code, 0, now));

    [Fact]
    public void Spaces_between_digits_are_let_through_but_not_any_number()
    {
        var code = Totp.Code(secret, now);
        Assert.Equal(TotpOutcome.Accepted, Totp.Verify(secret, $"{code[..3]} {code[3..]}", 0, now).Outcome);
        Assert.Equal(TotpOutcome.Wrong, Totp.Verify(secret, code + new string(' ', 1_000_000), 0, now).Outcome);
    }

    [Fact]
    public void The_clock_before_1970_breaks_nothing() => Assert.Equal(default, Totp.Verify(secret, "123456", 0, DateTimeOffset.MinValue));

    [Fact]
    public void The_URI_is_what_apps_read_and_holds_no_second_parameter_of_a_hostile_name()
    {
        Assert.Equal(
            "otpauth://totp/Northwind%20API:maria%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Northwind%20API&algorithm=SHA1&digits=6&period=30",
            Totp.ToUri(secret, "Northwind API", "maria@example.com").Reveal());
        Assert.DoesNotContain("secret=AAAA", Totp.ToUri(secret, "x", "a?secret=AAAA&x:").Reveal());
        Assert.Equal("[redacted]", $"{Totp.ToUri(secret, "x", "y")}");
        Assert.Equal("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ", Totp.ToText(secret).Reveal());
    }

    [Fact]
    public void Secrets_are_random_and_of_full_length()
    {
        Assert.Equal(Totp.SecretSize, Totp.NewSecret().RevealBytes().Length);
        Assert.False(Totp.NewSecret().Equals(Totp.NewSecret()));
    }
}
