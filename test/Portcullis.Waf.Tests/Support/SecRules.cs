namespace Portcullis.Waf.Tests.Support;

/// <summary>Rule sets of tests.</summary>
internal static class SecRules
{
    public static RuleSet Compile(string text)
    {
        var result = RuleSet.Parse(text);
        Assert.Empty(result.Errors);
        return result.RuleSet!;
    }

    /// <summary>All that is wrong with a text, one a line.</summary>
    public static string Errors(string text)
    {
        var result = RuleSet.Parse(text);
        Assert.Equal(result.Errors.Count > 0, result.RuleSet is null);
        return string.Join('\n', result.Errors);
    }
}
