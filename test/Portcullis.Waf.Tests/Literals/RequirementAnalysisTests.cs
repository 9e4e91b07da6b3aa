using System.Text;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Literals;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Tests.Literals;

public sealed class RequirementAnalysisTests
{
    [Theory]
    [InlineData("select", "select")]
    [InlineData("(?i)SELECT", "select")]
    [InlineData("foo|bar", "foo bar")]
    [InlineData("a+union.*\\bselect", "aunion")]
    [InlineData("https?://", "http:// https://")]
    [InlineData("(?:java|vb)script:", "javascript: vbscript:")]
    [InlineData("x(?:foo)?y", "xfooy xy")]
    [InlineData("(?:zq){2}", "zqzq")]
    [InlineData("fo+bar", "obar")]
    [InlineData("^(?:get|post)$", "get post")]
    [InlineData("[0-9]{3}", "")]
    [InlineData(".*", "")]
    [InlineData("(?:foo)*", "")]
    [InlineData("foo|", "")]
    [InlineData("select_(?=x)", "select_")]
    public void One_of_the_strings_is_in_every_match(string pattern, string literals)
    {
        var requirement = Analyse(pattern);
        Assert.Equal(literals.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), requirement.Literals.Select(Encoding.Latin1.GetString).Order());
    }

    [Fact]
    public void Lengths_are_those_of_the_shortest_and_longest_match()
    {
        Assert.Equal(0, Analyse("a*").MinLength);
        Assert.Equal(5, Analyse("a(?:bc|d)e{3}").MinLength);
        Assert.Equal(int.MaxValue, Analyse("ab").MaxLength);
        Assert.Equal(4, Analyse("^a(?:bc|d)e?$").MaxLength);
        Assert.Equal(int.MaxValue, Analyse("^a+$").MaxLength);
        Assert.Equal(0, Analyse("^$").MaxLength);
        Assert.Equal(int.MaxValue, Analyse("^a$|b").MaxLength);
        Assert.Equal(int.MaxValue, Analyse("(?m)^a$").MaxLength);
    }

    [Fact]
    public void A_pattern_of_the_whole_value_tells_its_bytes()
    {
        Assert.Equal(ByteSet.Of("0123456789."u8), Analyse("^[0-9]+(?:\\.[0-9]+)?$").Allowed);
        Assert.Equal(ByteSet.All, Analyse("^[0-9]+").Allowed);
    }

    [Fact]
    public void A_rare_set_is_required_where_each_alternative_has_one()
    {
        Assert.Contains(Analyse("[<>]\\w").Sets, static set => set == ByteSet.Of("<>"u8));
        Assert.Contains(Analyse("\\w(?:<a|>b)").Sets, static set => set == ByteSet.Of("<>"u8));
        Assert.Empty(Analyse("\\w|<").Sets);
    }

    private static MatchRequirement Analyse(string pattern)
    {
        var (syntax, error) = RegexParser.Parse(Encoding.Latin1.GetBytes(pattern));
        Assert.True(syntax is not null, error?.ToString());
        return RequirementAnalysis.Analyse(syntax.Root);
    }
}
