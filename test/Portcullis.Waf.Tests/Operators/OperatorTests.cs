using System.Diagnostics;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Tests.Support;

namespace Portcullis.Waf.Tests.Operators;

public sealed class OperatorTests
{
    [Theory]
    [InlineData("@rx ^a+$", "aaa", true)]
    [InlineData("@rx ^a+$", "aab", false)]
    [InlineData("^a+$", "aaa", true)]
    [InlineData("!@rx ^a+$", "aab", true)]
    [InlineData("! @rx ^a+$", "aab", true)]
    [InlineData("!^a+$", "aaa", false)]
    [InlineData("@rx (?=ab)a", "ab", true)]
    [InlineData("@rx (a)\\1", "ab", false)]
    [InlineData("@rx ^%{tx.word}$", "word", true)]
    [InlineData("@rx ^%{tx.word}$", "words", false)]
    [InlineData("@rx", "anything", true)]
    [InlineData("@pm select UNION", "a union b", true)]
    [InlineData("@pm select union", "unio n", false)]
    [InlineData("@pm A|42|C|44 45|", "xabcdex", true)]
    [InlineData("@pm A|42|C|44 45|", "A|42|C|44", false)]
    [InlineData("@pm |00ff|x", "a\0\u00ffX", true)]
    [InlineData("@pm a|20|b", "xax", true)]
    [InlineData("@pm ||ab", "xabx", true)]
    [InlineData("@pm a\\:b|3a|", "a:b:", true)]
    [InlineData("@pm a|zz|b", "a|zz|b", true)]
    [InlineData("@pm a|4|b", "a|4|b", true)]
    [InlineData("@pm a|41", "a|41", true)]
    [InlineData("@pm a\\d|41|", "adA", false)]
    [InlineData("@pm a\\d|41|", "a\\d|41|", true)]
    [InlineData("@pmFromDataset words", "xBETAx", true)]
    [InlineData("@pmFromDataset words", "gamma", false)]
    [InlineData("@streq abc", "abc", true)]
    [InlineData("@streq abc", "ABC", false)]
    [InlineData("@streq %{tx.word}", "word", true)]
    [InlineData("@contains bc", "abcd", true)]
    [InlineData("@contains BC", "abcd", false)]
    [InlineData("@strmatch bc", "abcd", true)]
    [InlineData("@containsWord bc", "a bc,d", true)]
    [InlineData("@containsWord bc", "abc bcd bc", true)]
    [InlineData("@containsWord bc", "abc bcd", false)]
    [InlineData("@beginsWith ab", "abc", true)]
    [InlineData("@beginsWith ab", "cab", false)]
    [InlineData("@beginsWith abcd", "abc", false)]
    [InlineData("@endsWith bc", "abc", true)]
    [InlineData("@endsWith ab", "abc", false)]
    [InlineData("@within a,word,b", "word", true)]
    [InlineData("@within a,word,b", "words", false)]
    [InlineData("@within a b", "", true)]
    [InlineData("@eq 5", "5", true)]
    [InlineData("@eq 5", " +5x", true)]
    [InlineData("@eq 0", "five", true)]
    [InlineData("@eq %{tx.five}", "5", true)]
    [InlineData("@ge 5", "5", true)]
    [InlineData("@gt 5", "5", false)]
    [InlineData("@gt -5", "-4", true)]
    [InlineData("@le 5", "6", false)]
    [InlineData("@lt 5", "4", true)]
    [InlineData("@gt 9223372036854775000", "99999999999999999999", true)]
    [InlineData("@ipMatch 192.0.2.0/24,2001:db8::/32", "192.0.2.255", true)]
    [InlineData("@ipMatch 192.0.2.0/24,2001:db8::/32", "192.0.3.0", false)]
    [InlineData("@ipMatch 192.0.2.77/24", "192.0.2.1", true)]
    [InlineData("@ipMatch 192.0.2.0/24,2001:db8::/32", "2001:DB8::1", true)]
    [InlineData("@ipMatch 192.0.2.0/24", "::ffff:192.0.2.1", true)]
    [InlineData("@ipMatch 127.0.0.1", "2130706433", false)]
    [InlineData("@ipMatch 127.0.0.1", "0x7f.1", false)]
    [InlineData("@ipMatch 127.0.0.1", "127.1", false)]
    [InlineData("@ipMatch 127.0.0.1", "0177.0.0.1", false)]
    [InlineData("@ipMatch ::1", "[::1]", false)]
    [InlineData("@ipMatch fe80::/10", "fe80::1%1", false)]
    [InlineData("@ipMatch 127.0.0.1", "", false)]
    [InlineData("@ipMatchFromDataset networks", "10.1.2.3", true)]
    [InlineData("@ipMatchFromDataset networks", "11.1.2.3", false)]
    [InlineData("@validateByteRange 32-126", "plain", false)]
    [InlineData("@validateByteRange 32-126", "tab\t", true)]
    [InlineData("@validateByteRange 0-31, 97", "aaa", false)]
    [InlineData("@validateUrlEncoding", "%41%", true)]
    [InlineData("@validateUrlEncoding", "%4g", true)]
    [InlineData("@validateUrlEncoding", "%41%42", false)]
    [InlineData("@validateUtf8Encoding", "\u00c3\u00a9", false)]
    [InlineData("@validateUtf8Encoding", "\u00c0\u00af", true)]
    [InlineData("@validateUtf8Encoding", "\u00ed\u00a0\u0080", true)]
    [InlineData("@detectSQLi", "1' or '1'='1", true)]
    [InlineData("@detectSQLi", "it's fine", false)]
    [InlineData("@detectXSS", "<script>alert(1)</script>", true)]
    [InlineData("@detectXSS", "a < b", false)]
    [InlineData("@verifyCC \\d{16}", "card 4111111111111111.", true)]
    [InlineData("@verifyCC \\d{16}", "card 4111111111111112.", false)]
    [InlineData("@verifyCC \\d{16}", "1111111111111112 4111111111111111", true)]
    [InlineData("@verifySSN \\d{3}-\\d{2}-\\d{4}", "078-05-1120", true)]
    [InlineData("@verifySSN \\d{3}-\\d{2}-\\d{4}", "666-05-1120", false)]
    [InlineData("@verifyCPF \\d{11}", "52998224725", true)]
    [InlineData("@verifyCPF \\d{11}", "52998224726", false)]
    [InlineData("@verifyCPF \\d{11}", "11111111111", false)]
    [InlineData("@unconditionalMatch", "", true)]
    [InlineData("@noMatch", "x", false)]
    [InlineData("@geoLookup", "192.0.2.1", false)]
    [InlineData("@rbl example.com", "192.0.2.1", false)]
    public void A_value_matches_or_not(string comparison, string value, bool matches)
    {
        var rules = $"""
            SecDataset words `
            alpha
            # comment
            beta
            `
            SecDataset networks `
            10.0.0.0/8
            `
            SecAction "id:1,phase:1,pass,nolog,setvar:tx.word=word,setvar:tx.five=5"
            SecRule REQUEST_HEADERS:V "{comparison.Replace("\\", "\\\\", StringComparison.Ordinal)}" "id:2,phase:1,pass"
            """;
        var outcome = new Exchange { Headers = [("V", value)] }.Run(rules);
        Assert.Equal(matches ? "2" : "", outcome.Ids);
        Assert.Equal(EngineFault.None, outcome.Fault);
    }

    [Theory]
    [InlineData("@rx b(c)(d)?", "abc", "bc|c|")]
    [InlineData("@rx (?=b)b(c)", "abc", "bc|c|")]
    [InlineData("@rx b(%{tx.c})", "abc", "bc|c|")]
    [InlineData("@pm xx Bc", "abcbc", "bc||")]
    [InlineData("@verifyCC \\d{16}", "card 4111111111111111.", "4111111111111111||")]
    [InlineData("@detectSQLi", "1' or '1'='1", "s&sos||")]
    [InlineData("@streq abc", "abc", "old|old|old")]
    public void What_was_found_is_captured(string comparison, string value, string expected)
        => Assert.Equal(expected, new Exchange { Headers = [("V", value)] }.Run($"""
            SecAction "id:1,phase:1,pass,nolog,setvar:tx.c=c,setvar:tx.0=old,setvar:tx.1=old,setvar:tx.2=old"
            SecRule REQUEST_HEADERS:V "{comparison.Replace("\\", "\\\\", StringComparison.Ordinal)}" "id:2,phase:1,pass,capture,msg:'{"%{tx.0}|%{tx.1}|%{tx.2}"}'"
            """).Messages);

    [Fact]
    public void Words_and_networks_come_from_files_beside_the_rules()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("conf/lists/words.data", "# words\nalpha beta\n\n gamma \r\n");
        directory.Write("conf/lists/nets.data", "192.0.2.0/24\n");
        var file = directory.Write("conf/a.conf", """
            SecRule ARGS:a "@pmFromFile lists/words.data" "id:1,phase:1,pass"
            SecRule ARGS:a "@pmf lists/words.data" "id:2,phase:1,pass"
            SecRule REMOTE_ADDR "@ipMatchFromFile lists/nets.data" "id:3,phase:1,pass"
            """);
        var rules = RuleSet.Load(["conf/*.conf"], directory.Path).RuleSet!;
        Assert.Equal([file], rules.Files);
        Assert.Equal("1 2 3", new Exchange { Target = "/?a=xGAMMAx" }.Run(rules).Ids);
        Assert.Equal("3", new Exchange { Target = "/?a=alpha" }.Run(rules).Ids);
        Assert.Equal("1 2 3", new Exchange { Target = "/?a=alpha+beta" }.Run(rules).Ids);
    }

    [Fact]
    public void A_pattern_that_needs_backtracking_runs_out_of_time_once_and_is_a_fault()
    {
        const string Rules = """
            SecRule ARGS "@rx ^(?=(a+)+b)c" "id:1,phase:2,pass"
            SecRule MSC_PCRE_LIMITS_EXCEEDED "@eq 1" "id:2,phase:2,pass"
            """;
        var clock = Stopwatch.StartNew();
        var outcome = Exchange.Form(string.Join('&', Enumerable.Range(0, 500).Select(at => $"n{at}={new string('a', 60)}"))).Run(Rules);
        Assert.Equal(EngineFault.RegexTimedOut, outcome.Fault);
        Assert.Equal("2", outcome.Ids);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), clock.Elapsed.ToString());
    }

    [Fact]
    public void Many_values_that_are_slow_but_not_too_slow_are_a_fault_in_time()
    {
        var clock = Stopwatch.StartNew();
        var outcome = Exchange.Form(string.Join('&', Enumerable.Range(0, 900).Select(at => $"n{at}={new string('a', 20)}"))).Run("""SecRule ARGS "@rx ^(?=(a+)+b)c" "id:1,phase:2,pass" """);
        Assert.Equal(EngineFault.RegexTimedOut, outcome.Fault);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), clock.Elapsed.ToString());
    }

    [Fact]
    public void A_pattern_of_macros_that_is_none_is_a_fault()
        => Assert.Equal(EngineFault.NoPattern, new Exchange { Target = "/?a=(" }.Run("""SecRule ARGS:a "@rx %{ARGS.a}" "id:1,phase:1,pass" """).Fault);

    [Fact]
    public void Patterns_that_clients_choose_are_forgotten_in_time()
    {
        var rules = SecRules.Compile("""SecRule ARGS:v "@rx ^%{ARGS.p}$" "id:1,phase:1,pass" """);
        for (var at = 0; at < 3 * Waf.Operators.MacroRegexOperator.Capacity; at++)
        {
            Assert.Equal("1", new Exchange { Target = $"/?p=a{at}%2b&v=a{at}" }.Run(rules).Ids);
            Assert.Equal("", new Exchange { Target = $"/?p=a{at}%2b&v=b" }.Run(rules).Ids);
        }
    }
}
