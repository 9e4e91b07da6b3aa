using System.Diagnostics;
using System.Text;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Injection;

namespace Portcullis.Waf.Tests.Injection;

/// <summary>What the detectors promise besides their verdicts.</summary>
public sealed class InjectionTests
{
    private readonly byte[] fingerprint = new byte[8];

    [Theory]
    [InlineData("1' or '1'='1", "s&sos")]
    [InlineData("1 union all select 1 from a--", "1UE1k")]
    [InlineData("{`", "X")]
    [InlineData("O'Brien", "")]
    [InlineData("sexy and 17", "")]
    [InlineData("", "")]
    public void Sql_injection_has_a_fingerprint(string value, string expected)
    {
        Assert.Equal(expected.Length > 0, SqlInjection.IsInjection(Encoding.ASCII.GetBytes(value), fingerprint, out var length));
        Assert.Equal(expected, Encoding.ASCII.GetString(fingerprint, 0, length));
    }

    [Theory]
    [InlineData("<script>alert(1)</script>", true)]
    [InlineData("x' onerror='alert(1)", true)]
    [InlineData("a href=java&#115;cript:alert(1)", true)]
    [InlineData("a < b and c > d", false)]
    [InlineData("online=1", false)]
    [InlineData("", false)]
    public void Scripts_are_found_in_every_context(string value, bool expected)
        => Assert.Equal(expected, CrossSiteScripting.IsInjection(Encoding.ASCII.GetBytes(value)));

    [Theory]
    [InlineData("hello")]
    [InlineData("0b12union")]
    [InlineData("caf\u00e9")]
    [InlineData("42")]
    [InlineData("12:30:00.5, 1/2")]
    [InlineData("")]
    public void Plain_words_and_numbers_are_ruled_out_by_their_bytes(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        Assert.False(SqlInjection.CouldBe(ByteSet.Of(bytes), bytes.Length));
        Assert.False(CrossSiteScripting.CouldBe(ByteSet.Of(bytes), bytes.Length));
    }

    /// <summary>The sets behind the check, worked against: values of these bytes alone, made of what tokens are made of.</summary>
    [Fact]
    public void What_is_ruled_out_by_its_bytes_is_no_injection()
    {
        string[] words = ["0b1", "0b", "0x", "0x1f", "1e", "1e5", "12d", "3f", "2", "29", "union", "select", "or", "and", "user", "in", "like", "not", "if", "a", "_", "n", "q", "u", "x", "b", "e", "\xFF", "\x80", "\xA1"];
        string[] numbers = ["1", "0", ".", ",", ":", "+", "/", "%", "^", "~", "<", ">", "=", "?", "]", " ", "\n", "\0", "\x01", "::", "<=>", ":=", "<<"];
        var random = new Random(3);
        for (var i = 0; i < 400_000; i++)
        {
            var parts = i % 2 == 0 ? words : numbers;
            var value = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => parts[random.Next(parts.Length)])));
            Assert.False(SqlInjection.CouldBe(ByteSet.Of(value), value.Length));
            Assert.False(SqlInjection.IsInjection(value, fingerprint, out _), Encoding.Latin1.GetString(value));
        }
    }

    [Theory]
    [InlineData("1+", "")]
    [InlineData("1+", "1#\n+'+#\n\"+'+\"+")]
    [InlineData("''\"\"", "")]
    [InlineData("not+", "")]
    [InlineData("/**/", "")]
    [InlineData("/*", "")]
    [InlineData("\\'", "'")]
    [InlineData("\\", "'")]
    [InlineData("((", "")]
    [InlineData("$a", "")]
    [InlineData("$a$b", "$c$")]
    [InlineData("b'0", "")]
    [InlineData("q'", "")]
    [InlineData("a.b`", "")]
    [InlineData("0", "$")]
    [InlineData("<a>", "'\"`")]
    [InlineData("ab=c ", "'\"`")]
    [InlineData("onzz ", "'\"`=")]
    [InlineData("to=&#1 ", "'\"`")]
    [InlineData("&#0", "'\"`to=")]
    [InlineData("&#00000000000000000000000", "to=")]
    [InlineData("-\0", "<!--")]
    [InlineData("%", "<%")]
    [InlineData("/", "<a ")]
    [InlineData("</>", "")]
    public void Time_grows_with_the_length_alone(string part, string lead)
    {
        const int Length = 1 << 20;
        var value = new byte[Length];
        for (var i = 0; i < Length; i++)
            value[i] = (byte)(i < lead.Length ? lead[i] : part[(i - lead.Length) % part.Length]);

        // A tenth of it would do, on a machine with nothing else to do; what looks at bytes again and again takes minutes.
        var clock = Stopwatch.StartNew();
        _ = SqlInjection.IsInjection(value, fingerprint, out _);
        _ = CrossSiteScripting.IsInjection(value);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        byte[][] values =
        [
            .. new[]
            {
                "hello world", "1' UNION ALL SELECT NULL,CONCAT(0x71,user,0x71) FROM users-- -", "1\" and `user`(1) collate a_b#", "q'[a]'||u&'b'||$t$d$t$",
                "\"><img src=x onerror=alert(1)>", "<a href='&#106;avascript:x' xlink:href=y style=z>", "<!-- [if --><a/b=`c`>",
            }.Select(Encoding.ASCII.GetBytes),
        ];
        Assert.Equal(0, AllocatedBytes.PerOperation(() =>
        {
            foreach (var value in values)
            {
                _ = SqlInjection.IsInjection(value, fingerprint, out _);
                _ = CrossSiteScripting.IsInjection(value);
            }
        }));
    }
}
