using System.Text;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Tests.Regexes;

public sealed class RegexParserTests
{
    [Theory]
    [InlineData("a(?=b)", 1, "look-ahead")]
    [InlineData("a(?!b)", 1, "look-ahead")]
    [InlineData("(?<=a)b", 0, "look-behind")]
    [InlineData("ab(?<!a)", 2, "look-behind")]
    [InlineData("(a)\\1", 3, "back-reference")]
    [InlineData("(?<n>a)\\k<n>", 7, "back-reference")]
    [InlineData("(?P<n>a)(?P=n)", 8, "back-reference")]
    [InlineData("(a)\\g{-1}", 3, "back-reference")]
    [InlineData("x(?>ab)", 1, "atomic group")]
    [InlineData("(?:ab)*+", 6, "possessive quantifier")]
    [InlineData("a(?R)", 1, "recursion")]
    [InlineData("(a)(?1)", 3, "recursion")]
    [InlineData("(a)(?-1)", 3, "recursion")]
    [InlineData("(?<n>a)(?&n)", 7, "recursion")]
    [InlineData("(a)\\g<1>", 3, "recursion")]
    [InlineData("(a)(?(1)b|c)", 3, "conditional")]
    [InlineData("(?|a|b)", 0, "branch reset")]
    [InlineData("a(?C1)", 1, "callout")]
    [InlineData("a\\Kb", 1, "\\K")]
    [InlineData("(*UTF8)a", 0, "verbs")]
    public void What_no_automaton_runs_is_named_with_its_place(string pattern, int offset, string construct)
    {
        var (regex, error) = ByteRegex.Compile(Encoding.Latin1.GetBytes(pattern));
        Assert.Null(regex);
        Assert.True(error!.NeedsBacktracking, error.ToString());
        Assert.Equal(offset, error.Offset);
        Assert.Contains(construct, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("[]")]
    [InlineData("*a")]
    [InlineData("a|*")]
    [InlineData("a**")]
    [InlineData("a{2}{3}")]
    [InlineData("^*")]
    [InlineData("\\b+")]
    [InlineData("a{3,2}")]
    [InlineData("a{65536}")]
    [InlineData("a\\")]
    [InlineData("\\i")]
    [InlineData("\\8")]
    [InlineData("\\x{100}")]
    [InlineData("\\x{zz}")]
    [InlineData("\\x{41")]
    [InlineData("\\400")]
    [InlineData("\\c")]
    [InlineData("\\pL")]
    [InlineData("\\X")]
    [InlineData("\\N{U+41}")]
    [InlineData("[a-\\d]")]
    [InlineData("[\\d-z]")]
    [InlineData("[z-a]")]
    [InlineData("[[:foo:]]")]
    [InlineData("[[.a.]]")]
    [InlineData("[:alpha:]")]
    [InlineData("[\\B]")]
    [InlineData("(?z)")]
    [InlineData("(?i")]
    [InlineData("(?#a")]
    [InlineData("(?<1>a)")]
    [InlineData("(?<n>a)(?<n>b)")]
    [InlineData("(a)\\2")]
    public void What_is_not_well_formed_is_refused(string pattern)
    {
        var (regex, error) = ByteRegex.Compile(Encoding.Latin1.GetBytes(pattern));
        Assert.Null(regex);
        Assert.False(string.IsNullOrEmpty(error!.Message));
        Assert.InRange(error.Offset, 0, pattern.Length);
    }

    [Fact]
    public void Nesting_length_and_repeats_are_limited()
    {
        Assert.NotNull(Compile(new string('(', 250) + "a" + new string(')', 250)).Regex);
        Assert.Contains("nested", Compile(new string('(', 251) + "a" + new string(')', 251)).Error!.Message, StringComparison.Ordinal);
        Assert.Contains("longer", Compile(new string('a', RegexParser.MaxPatternLength + 1)).Error!.Message, StringComparison.Ordinal);
        Assert.NotNull(Compile("(?:a{100}){100}").Regex);
        Assert.Contains("too large", Compile("(?:(?:a{1000}){1000}){1000}").Error!.Message, StringComparison.Ordinal);
        Assert.Contains("too large", Compile("(?:(?:(?:(?:a{65535}){65535}){65535}){65535}){65535}").Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_are_counted_and_options_change_what_counts()
    {
        Assert.Equal(3, Compile("(a)(?:b)(?<n>c)(?'m'd)").Regex!.GroupCount);
        Assert.Equal(0, Compile("(?n)(a)").Regex!.GroupCount);
        Assert.Equal(1, Compile("(?n)(?<x>a)").Regex!.GroupCount);
    }

    private static (ByteRegex? Regex, RegexError? Error) Compile(string pattern) => ByteRegex.Compile(Encoding.Latin1.GetBytes(pattern));
}
