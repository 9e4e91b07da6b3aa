using System.Text;
using Portcullis.Waf.Engine;
using Portcullis.Waf.SecLang;
using Portcullis.Waf.Tests.Support;

namespace Portcullis.Waf.Tests.SecLang;

public sealed class SecLangTests
{
    [Theory]
    [InlineData("SecAction \"id:1,phase:1,msg:'a'\"")]
    [InlineData("secaction \"ID:1,Phase:1,MSG:a\"")]
    [InlineData("SecAction 'id:1,phase:1,msg:a'")]
    [InlineData("SecAction id:1,phase:1,msg:a")]
    [InlineData("  SecAction \\\n  \"id:1,\\\n   phase:1,\\\r\n   msg:'a'\"")]
    [InlineData("SecAction `\n id:1,\n phase:1,\n msg:'a'\n`")]
    [InlineData("\u00EF\u00BB\u00BFSecAction \"id:1,phase:1,msg:a\"")]
    [InlineData("SecAction \" id : 1 , phase:1,, msg: 'a' ,\"")]
    [InlineData("# SecAction \\\nSecAction nothing\nSecAction \"id:1,phase:1,msg:a\"")]
    [InlineData("\n\n#\n   # c\nSecAction \"id:1,phase:1,msg:a\"")]
    [InlineData("SecAction \"id:1,phase:1,msg:a\"\\")]
    public void A_directive_may_be_written_as(string text)
        => Assert.Equal("1|a", new Exchange().Run(RuleSet.Parse(Utf8(text)).RuleSet!) is var outcome ? $"{outcome.Ids}|{outcome.Messages}" : "");

    [Theory]
    [InlineData("msg:'a, b'", "a, b")]
    [InlineData("msg:'it\\'s'", "it's")]
    [InlineData("msg:'say \\\"x\\\"'", "say \"x\"")]
    [InlineData("msg:a b", "a b")]
    [InlineData("msg:'back\\\\slash'", "back\\slash")]
    [InlineData("msg:'voil\u00e0'", "voil\u00e0")]
    [InlineData("msg:voil\u00e0", "voil\u00e0")]
    [InlineData("msg:'%{nothing'", "%{nothing")]
    [InlineData("msg:'100%'", "100%")]
    [InlineData("msg:'%{tx.a}%{TX:b}%{Remote_Addr}'", "192.0.2.7")]
    public void A_text_is_read_as(string action, string expected) => Assert.Equal(expected, new Exchange().Run($"SecAction \"id:1,phase:1,{action}\"").Messages);

    [Theory]
    [InlineData("ARGS|REQUEST_HEADERS:Host", "ARGS REQUEST_HEADERS:Host")]
    [InlineData("ARGS,REQUEST_URI", "ARGS REQUEST_URI")]
    [InlineData(" ARGS | !ARGS:a | &TX:b ", "ARGS !ARGS:a &TX:b")]
    [InlineData("ARGS:/a|b/|ARGS:'/c\\'d/'", "ARGS:/a|b/ ARGS:/c'd/")]
    [InlineData("ARGS:/a\\/b/", "ARGS:/a/b/")]
    [InlineData("XML:/a/b|XML://@*", "XML:/a/b XML://@*")]
    [InlineData("ARGS:'a|b'", "ARGS:a|b")]
    public void Targets_are_read_as(string text, string expected)
    {
        var targets = TargetParser.Parse(text, out var error);
        Assert.Null(error);
        Assert.Equal(expected, string.Join(' ', targets!.Select(target =>
            (target.IsExclusion ? "!" : "") + (target.IsCount ? "&" : "") + target.Variable + (target.Selector is null ? "" : target.SelectorIsRegex ? $":/{target.Selector}/" : $":{target.Selector}"))));
    }

    [Theory]
    [InlineData("@rx a b", "rx", "a b", false)]
    [InlineData("a b", "rx", "a b", false)]
    [InlineData("!@eq  5", "eq", "5", true)]
    [InlineData(" ! @eq 5", "eq", "5", true)]
    [InlineData("!a", "rx", "a", true)]
    [InlineData("@detectSQLi", "detectSQLi", "", false)]
    [InlineData("", "rx", "", false)]
    public void An_operator_is_read_as(string text, string name, string argument, bool isNegated) => Assert.Equal(new OperatorSyntax(name, argument, isNegated), OperatorSyntax.Parse(text));

    [Fact]
    public void Settings_are_read()
    {
        var settings = SecRules.Compile("""
            SecRuleEngine DetectionOnly
            SecRequestBodyAccess Off
            SecResponseBodyAccess On
            SecRequestBodyLimit 1000
            SecRequestBodyNoFilesLimit 500
            SecRequestBodyLimitAction ProcessPartial
            SecResponseBodyLimit 300
            SecResponseBodyLimitAction Reject
            SecResponseBodyMimeType text/HTML
            SecResponseBodyMimeType application/json text/plain
            SecRequestBodyJsonDepthLimit 7
            SecArgumentsLimit 8
            SecUploadFileLimit 9
            SecCollectionTimeout 10
            SecArgumentSeparator ;
            SecCookieV0Separator ,
            SecWebAppId app
            SecComponentSignature "One/1.0"
            SecComponentSignature "Two/2.0"
            """).Settings;
        Assert.Equal(EngineMode.DetectionOnly, settings.Engine);
        Assert.False(settings.ReadsRequestBody);
        Assert.True(settings.ReadsResponseBody);
        Assert.Equal((1000, 500, 300), (settings.RequestBodyLimit!.Value, settings.RequestBodyNoFilesLimit, settings.ResponseBodyLimit));
        Assert.False(settings.RefusesLongRequestBody);
        Assert.True(settings.RefusesLongResponseBody);
        Assert.Equal(["text/html", "application/json", "text/plain"], settings.ResponseBodyTypes);
        Assert.Equal((7, 8, 9), (settings.JsonDepthLimit, settings.ArgumentsLimit, settings.UploadFileLimit));
        Assert.Equal(TimeSpan.FromSeconds(10), settings.CollectionTimeout);
        Assert.Equal(((byte)';', (byte)','), (settings.ArgumentSeparator, settings.CookieSeparator));
        Assert.Equal("app", settings.WebAppId);
        Assert.Equal(["One/1.0", "Two/2.0"], settings.Components);
        Assert.Empty(SecRules.Compile("SecResponseBodyMimeTypesClear").Settings.ResponseBodyTypes);
        Assert.Equal(["text/plain", "text/html", "text/xml"], SecRules.Compile("").Settings.ResponseBodyTypes);
    }

    [Fact]
    public void Directives_without_effect_are_noted()
    {
        var result = RuleSet.Parse("SecAuditEngine On\nSecTmpDir /tmp\nSecRuleRemoveById 5\nSecRuleUpdateTargetByTag x !ARGS\nSecRule ARGS \"@rbl x\" \"id:1\"");
        Assert.NotNull(result.RuleSet);
        Assert.Equal([1, 2, 3, 4, 5], result.Notes.Select(note => note.Location.Line));
    }

    [Fact]
    public void Later_directives_remove_and_change_rules_before_them()
    {
        const string Rules = """
            SecRule ARGS "@rx x" "id:1,phase:1,pass,tag:one,msg:first"
            SecRule ARGS "@rx x" "id:2,phase:1,pass,tag:two,msg:second"
            SecRule ARGS "@rx x" "id:3,phase:1,pass,tag:three,msg:third,chain"
              SecRule ARGS "@rx x" "t:none"
            SecRule ARGS "@rx x" "id:4,phase:1,pass,msg:fourth"

            """;
        string Ids(string more) => new Exchange { Target = "/?a=x" }.Run(Rules + more).Ids;
        Assert.Equal("1 2 3 4", Ids(""));
        Assert.Equal("2 4", Ids("SecRuleRemoveById 1 3"));
        Assert.Equal("4", Ids("SecRuleRemoveById \"1-3\""));
        Assert.Equal("2 4", Ids("SecRuleRemoveByTag \"^(one|three)$\""));
        Assert.Equal("1 3 4", Ids("SecRuleRemoveByMsg second"));
        Assert.Equal("2 3 4", Ids("SecRuleUpdateTargetById 1 !ARGS:a"));
        Assert.Equal("4", Ids("SecRuleUpdateTargetById 1-3 !ARGS:/a/"));
        Assert.Equal("1 3 4", Ids("SecRuleUpdateTargetByTag two !ARGS"));
        Assert.Equal("1 2 3", Ids("SecRuleUpdateTargetByMsg fourth \"!ARGS:A\""));
        Assert.Equal("2 3 4", Ids("SecRuleUpdateTargetById 1 REQUEST_HEADERS ARGS"));
        Assert.Equal("1", Ids("SecRuleUpdateActionById 1 \"deny,status:404\""));
        Assert.Equal("1 2 4", Ids("SecRuleUpdateActionById 3:1 \"t:length\""));
        Assert.Equal("2 3 4", Ids("SecRuleRemoveById 1\nSecRuleRemoveById 1"));
        Assert.Equal("2 3 4 1", Ids("SecRuleRemoveById 1\nSecAction \"id:1,phase:1\""));
    }

    [Fact]
    public void Default_actions_hold_for_the_rules_after_them()
    {
        var outcome = new Exchange { Target = "/?a=ABC" }.Run("""
            SecRule ARGS "@streq abc" "id:1,phase:1"
            SecDefaultAction "phase:1,nolog,pass,t:lowercase,tag:'site'"
            SecRule ARGS "@streq abc" "id:2,phase:1,log,tag:'own'"
            SecRule ARGS "@streq abc" "id:3,phase:1"
            SecRule ARGS "@streq abc" "id:4,phase:1,log,t:none"
            SecRule ARGS "@streq abc" "id:5,phase:1,log,chain"
              SecRule ARGS "@streq abc"
            SecRule ARGS "@streq abc" "id:6,phase:2"
            """);
        Assert.Equal("2 5", outcome.Ids);
        Assert.Equal(["site", "own"], outcome.Hits[0].Tags);
    }

    [Fact]
    public void Files_are_read_in_the_order_of_their_names_and_relative_to_the_file_that_includes_them()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("main.conf", "Include sub/*.conf\nIncludeOptional absent/*.conf\nIncludeOptional absent.conf\nSecAction \"id:9,phase:1\"");
        directory.Write("sub/b.conf", "SecAction \"id:2,phase:1\"\nInclude deep/c.conf");
        directory.Write("sub/a.conf", "SecAction \"id:1,phase:1\"");
        directory.Write("sub/deep/c.conf", "SecAction \"id:3,phase:1\"");
        var result = RuleSet.Load(["main.conf"], directory.Path);
        Assert.Empty(result.Errors);
        Assert.Equal("1 2 3 9", new Exchange().Run(result.RuleSet!).Ids);
        Assert.Equal(4, result.RuleSet!.Files.Count);
        Assert.Equal(4, result.RuleSet.RuleCount);
        Assert.True(result.RuleSet.Contains(3));
        Assert.False(result.RuleSet.Contains(4));
    }

    [Fact]
    public void A_chain_does_not_go_on_in_another_file()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("a.conf", "SecAction \"id:1,chain\"");
        directory.Write("b.conf", "SecAction \"id:2\"");
        Assert.Contains("says chain", string.Join('\n', RuleSet.Load(["*.conf"], directory.Path).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_of_a_pattern_are_those_of_the_file()
    {
        Assert.Equal("1", new Exchange { Target = "/?a=%c3%a9" }.Run("SecRule ARGS \"@streq \u00e9\" \"id:1,phase:1\"").Ids);
        Assert.Equal("1", new Exchange { Target = "/?a=%e9" }.Run("SecRule ARGS \"@rx ^\\xe9$\" \"id:1,phase:1\"").Ids);
    }

    // What Parse is given is text, of which it makes UTF-8: a byte order mark is one character.
    private static string Utf8(string latin1) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(latin1));
}
