using System.Text;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Tests.Regexes;

public sealed class ByteRegexTests
{
    [Theory]
    [InlineData("abc", "xabcx", "abc")]
    [InlineData("a.c", "a\nc", "a\nc")]
    [InlineData("(?-s)a.c", "a\nc", null)]
    [InlineData("a\\Nc", "a\nc", null)]
    [InlineData("a$", "a\n", null)]
    [InlineData("a\\z", "a\n", null)]
    [InlineData("a\\Z", "a\n", "a")]
    [InlineData("a\\Z", "a\nb", null)]
    [InlineData("(?m)a$", "a\nb", "a")]
    [InlineData("^b", "a\nb", null)]
    [InlineData("(?m)^b", "a\nb", "b")]
    [InlineData("(?m)^", "", "")]
    [InlineData("(?m)x\\n^", "x\n", null)]
    [InlineData("\\Ab", "ab", null)]
    [InlineData("(?i)STRASSE", "strasse", "strasse")]
    [InlineData("(?i)\u00e9", "\u00c9", null)]
    [InlineData("(?i)[^a]", "A", null)]
    [InlineData("(?i:a)b", "AB", null)]
    [InlineData("a(?i)b|c", "C", "C")]
    [InlineData("a(?i:b)c", "aBC", null)]
    [InlineData("\\w+", "\u00e9a_9\u00e9", "a_9")]
    [InlineData("\\s", "\v", "\v")]
    [InlineData("\\s", "\u0085", null)]
    [InlineData("\\s", "\u00a0", null)]
    [InlineData("\\h", "\u00a0", "\u00a0")]
    [InlineData("\\v", "\u0085", "\u0085")]
    [InlineData("\\bb\\b", "ab b\u00e9", "b")]
    [InlineData("a\\Bb", "ab", "ab")]
    [InlineData("\\x41\\x{42}\\103\\o{104}", "ABCD", "ABCD")]
    [InlineData("\\cA\\e\\a\\f\\t", "\u0001\u001b\a\f\t", "\u0001\u001b\a\f\t")]
    [InlineData("\\x{e9}", "\u00e9", "\u00e9")]
    [InlineData("\\Qa.b*\\E+", "a.b**", "a.b**")]
    [InlineData("[]a]+", "]a", "]a")]
    [InlineData("[^]a]", "]b", "b")]
    [InlineData("[a-]+", "-a", "-a")]
    [InlineData("[a[]+", "[a", "[a")]
    [InlineData("[\\Qa-c\\E]+", "b-ac", "-ac")]
    [InlineData("[[:alpha:][:digit:]]+", "!a1!", "a1")]
    [InlineData("[[:^alpha:]]+", "a1!a", "1!")]
    [InlineData("(?i)[[:upper:]]", "a", "a")]
    [InlineData("(?i)[[:^upper:]]", "a", null)]
    [InlineData("[\\x80-\\xff]+", "a\u00c3\u00a9b", "\u00c3\u00a9")]
    [InlineData("a{,2}", "a{,2}", "a{,2}")]
    [InlineData("a{2}", "aaa", "aa")]
    [InlineData("a{2,}?", "aaa", "aa")]
    [InlineData("(?U)a+", "aaa", "a")]
    [InlineData("(?U)a+?", "aaa", "aaa")]
    [InlineData("(?x) a b # c\n c", "abc", "abc")]
    [InlineData("(?xx)[a b]+", "a b", "a")]
    [InlineData("a(?#comment)+b", "aab", "aab")]
    [InlineData("a|ab", "ab", "a")]
    [InlineData("a*?b", "aab", "aab")]
    [InlineData("x*", "aaa", "")]
    [InlineData("a++b", "aab", "aab")]
    [InlineData("a++ab", "aab", null)]
    [InlineData("a{1,2}+a", "aaa", "aaa")]
    [InlineData("a{1,2}+a", "aa", null)]
    [InlineData("\\R\\n", "\r\n", null)]
    [InlineData("\\R\\n", "\n\n", "\n\n")]
    [InlineData("^$", "", "")]
    [InlineData("^$", "a", null)]
    public void A_pattern_matches_what_it_matches_in_PCRE(string pattern, string value, string? match)
    {
        var (regex, error) = ByteRegex.Compile(Encoding.Latin1.GetBytes(pattern));
        Assert.True(regex is not null, error?.ToString());
        var bytes = Encoding.Latin1.GetBytes(value);
        Span<Capture> groups = stackalloc Capture[1];
        Assert.Equal(match is not null, regex.IsMatch(bytes));
        Assert.Equal(match is not null, regex.Match(bytes, groups));
        if (match is not null) Assert.Equal(match, value.Substring(groups[0].Offset, groups[0].Length));

        // The table itself is checked against the oracle, where there is one.
        if (!Pcre2.IsAvailable) return;
        using var oracle = Pcre2.Compile(Encoding.Latin1.GetBytes(pattern));
        Assert.Null(Agreement.Difference(regex, oracle!, Encoding.Latin1.GetBytes(pattern), bytes, withGroups: true));
    }

    [Fact]
    public void Groups_are_those_of_the_preferred_match()
    {
        Assert.Equal<string?[]>(["ab", "a", null, "b"], Groups("(a)(x)?(b)", "ab"));
        Assert.Equal<string?[]>(["ab", "a"], Groups("(?:(a)|b)*", "ab"));
        Assert.Equal<string?[]>(["", ""], Groups("(a*)*", "b"));
        Assert.Equal<string?[]>(["ab", ""], Groups("(a|b*)*", "ab"));
        Assert.Equal<string?[]>(["aab", "aa", "b"], Groups("(?i)(a+)(B)", "aab"));
    }

    [Fact]
    public void At_most_ten_groups_are_told_and_fewer_if_there_is_no_room()
    {
        var (regex, _) = ByteRegex.Compile("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)"u8);
        var groups = new Capture[12];
        Assert.True(regex!.Match("abcdefghijk"u8, groups));
        Assert.Equal(new Capture(8, 1), groups[9]);
        Assert.Equal(Capture.None, groups[10]);
        Assert.True(regex.Match("abcdefghijk"u8, groups.AsSpan(0, 2)));
        Assert.True(regex.Match("abcdefghijk"u8, []));
    }

    [Fact]
    public void Nothing_is_allocated_once_the_states_are_built()
    {
        var (regex, _) = ByteRegex.Compile("(?i)\\b(select|union)\\s+([a-z]+)\\s+from\\b"u8);
        var groups = new Capture[10];
        var hit = "id=1 union  all from t"u8.ToArray();
        var miss = "a plain sentence, of the sort that people write"u8.ToArray();
        Assert.Equal(0, AllocatedBytes.PerOperation(() =>
        {
            Assert.True(regex!.IsMatch(hit));
            Assert.False(regex.IsMatch(miss));
            Assert.True(regex.Match(hit, groups));
        }));
        Assert.Equal(new Capture(5, 5), groups[1]);
    }

    private static string?[] Groups(string pattern, string value)
    {
        var (regex, _) = ByteRegex.Compile(Encoding.Latin1.GetBytes(pattern));
        var groups = new Capture[regex!.GroupCount + 1];
        Assert.True(regex.Match(Encoding.Latin1.GetBytes(value), groups));
        return [.. groups.Select(group => group.IsMatched ? value.Substring(group.Offset, group.Length) : null)];
    }
}
