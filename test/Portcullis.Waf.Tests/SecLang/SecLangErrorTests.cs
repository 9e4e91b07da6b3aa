using Portcullis.Waf.SecLang;
using Portcullis.Waf.Tests.Support;

namespace Portcullis.Waf.Tests.SecLang;

public sealed class SecLangErrorTests
{
    [Theory]
    [InlineData("SecRul ARGS \"@rx a\" \"id:1\"", "rules.conf:1: there is no directive SecRul; did you mean SecRule?")]
    [InlineData("\n# c\nSecRule ARGX \"@rx a\" \"id:1\"", "rules.conf:3: there is no variable ARGX; did you mean ARGS?")]
    [InlineData("SecRule ARGS \"@rxx a\" \"id:1\"", "rules.conf:1: there is no operator @rxx; did you mean rx?; for a regular expression that begins with @ write @rx before it")]
    [InlineData("SecRule ARGS \"@rx a\" \"id:1,denny\"", "rules.conf:1: there is no action denny; did you mean deny?")]
    [InlineData("SecRule ARGS \"@rx a\" \"id:1,t:lowercas\"", "rules.conf:1: there is no transformation t:lowercas; did you mean lowercase?")]
    [InlineData("SecRule ARGS \"@rx a\"", "rules.conf:1: the rule has no id; every rule needs id:NUMBER")]
    [InlineData("SecAction \"id:abc\"", "rules.conf:1: id:abc is no id; write a whole number above 0")]
    [InlineData("SecAction \"id:1\"\nSecAction \"id:1\"", "rules.conf:2: the id 1 is already used by the rule at rules.conf:1; give this one another")]
    [InlineData("SecAction \"id:1,phase:6\"", "rules.conf:1: phase:6 is no phase; write 1, 2, 3, 4, 5, request, response or logging")]
    [InlineData("SecAction \"id:1,chain\"", "rules.conf:1: the rule 1 says chain, but no SecRule follows it before rules.conf:1")]
    [InlineData("SecAction \"id:1,chain\"\nSecMarker A", "rules.conf:1: the rule 1 says chain, but no SecRule follows it before rules.conf:2")]
    [InlineData("SecAction \"id:1,chain\"\nSecAction \"deny\"", "rules.conf:2: deny belongs to the first rule of the chain (1), not to a link")]
    [InlineData("SecAction \"id:1,chain\"\nSecAction \"logdata:x\"", "rules.conf:2: logdata belongs to the first rule of the chain (1), not to a link")]
    [InlineData("SecAction \"id:1,skipAfter:X\"", "rules.conf:1: skipAfter:X: no SecMarker X and no rule of phase 2 with that id follows")]
    [InlineData("SecMarker X\nSecAction \"id:1,skipAfter:X\"", "rules.conf:2: skipAfter:X: no SecMarker X and no rule of phase 2 with that id follows")]
    [InlineData("SecAction \"id:1,status:99\"", "rules.conf:1: status:99: write a status from 300 to 599")]
    [InlineData("SecAction \"id:1,severity:9\"", "rules.conf:1: severity:9: write a number from 0 to 7, or EMERGENCY, ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO or DEBUG")]
    [InlineData("SecAction \"id:1,skip:x\"", "rules.conf:1: skip:x: write how many rules, a number above 0")]
    [InlineData("SecAction \"id:1,allow:all\"", "rules.conf:1: allow:all: write allow, allow:phase or allow:request")]
    [InlineData("SecAction \"id:1,exec:/bin/x\"", "rules.conf:1: the action exec is not supported: no programs or scripts are run")]
    [InlineData("SecAction \"id:1,msg:'x\"", "rules.conf:1: the quoted value of the action 'msg' is never closed")]
    [InlineData("SecAction \"id:1", "rules.conf:1: a quote that opens in '\"id:1' is never closed")]
    [InlineData("SecAction `\nid:1", "rules.conf:1: the block that begins with ` has no end: close it with a line that is ` alone")]
    [InlineData("SecAction a b", "rules.conf:1: SecAction takes 1 argument, here are 2; put one that has spaces in quotes")]
    [InlineData("SecRule ARGS", "rules.conf:1: SecRule takes variables, an operator and actions, each in quotes where it has spaces; here are 1 arguments")]
    [InlineData("SecRule ARGS|| \"@rx a\" \"id:1\"", "rules.conf:1: a variable's name is missing in 'ARGS||'")]
    [InlineData("SecRule ARGS:/a \"@rx a\" \"id:1\"", "rules.conf:1: the selector of 'ARGS' in 'ARGS:/a' has no end")]
    [InlineData("SecRule !ARGS \"@rx a\" \"id:1\"", "rules.conf:1: the rule only leaves variables out; name at least one to look at")]
    [InlineData("SecRule RULE \"@rx a\" \"id:1\"", "rules.conf:1: RULE needs a member: RULE:id, RULE:msg, RULE:severity, RULE:rev or RULE:logdata")]
    [InlineData("SecRule RULE:/id/ \"@rx a\" \"id:1\"", "rules.conf:1: RULE needs a member: RULE:id, RULE:msg, RULE:severity, RULE:rev or RULE:logdata")]
    [InlineData("SecRule REQUEST_METHOD:a \"@rx a\" \"id:1\"", "rules.conf:1: REQUEST_METHOD has no members, so :a selects nothing")]
    [InlineData("SecRule PERF_ALL \"@rx a\" \"id:1\"", "rules.conf:1: the variable PERF_ALL is not supported: times of rules are not measured")]
    [InlineData("SecRule ARGS \"@rx (\" \"id:1\"", "rules.conf:1: the group is not closed (at byte 0)")]
    [InlineData("SecRule ARGS \"@rsub a\" \"id:1\"", "rules.conf:1: @rsub is not supported: bodies are not rewritten")]
    [InlineData("SecRule ARGS \"@validateByteRange 256\" \"id:1\"", "rules.conf:1: '256' is no list of bytes; write for example 1-255 or 9,10,13,32-126")]
    [InlineData("SecRule ARGS \"@ipMatch 1.2.3\" \"id:1\"", "rules.conf:1: '1.2.3' is no address or network")]
    [InlineData("SecRule ARGS \"@ipMatch 0x7f000001\" \"id:1\"", "rules.conf:1: '0x7f000001' is no address or network")]
    [InlineData("SecRule ARGS \"@pm\" \"id:1\"", "rules.conf:1: the list of words is empty")]
    [InlineData("SecRule ARGS \"@pmFromFile nowhere/words\" \"id:1\"", "can't be read")]
    [InlineData("SecRule ARGS \"@pmFromDataset x\" \"id:1\"", "rules.conf:1: there is no SecDataset x before this rule")]
    [InlineData("SecRule ARGS \"@streq %{nothing}\" \"id:1\"", "rules.conf:1: %{nothing}: there is no variable nothing")]
    [InlineData("SecRule ARGS \"@streq %{request_method.x}\" \"id:1\"", "rules.conf:1: %{request_method.x}: request_method has no members")]
    [InlineData("SecRule ARGS \"@streq %{tx./a/}\" \"id:1\"", "rules.conf:1: %{tx./a/}: a macro names one member, not a pattern")]
    [InlineData("SecAction \"id:1,setvar:x=1\"", "rules.conf:1: 'x' is no variable that a rule can set; write tx.NAME, or a member of ip, global, session, user or resource")]
    [InlineData("SecAction \"id:1,expirevar:tx.x=1\"", "rules.conf:1: tx.x ends with the transaction anyway; expirevar is for ip, global, session, user and resource")]
    [InlineData("SecAction \"id:1,initcol:tx=1\"", "rules.conf:1: 'tx' is no persistent collection; those are ip, global, session, user and resource")]
    [InlineData("SecAction \"id:1,ctl:ruleEngine=Maybe\"", "rules.conf:1: ctl:ruleEngine=Maybe: write On, DetectionOnly or Off")]
    [InlineData("SecAction \"id:1,ctl:nothing=1\"", "rules.conf:1: there is no ctl:nothing")]
    [InlineData("SecAction \"id:1,ctl:ruleRemoveById=x\"", "rules.conf:1: ctl:ruleRemoveById=x: 'x' is no id or range of ids")]
    [InlineData("SecAction \"id:1,ctl:ruleRemoveTargetById=1\"", "rules.conf:1: ctl:ruleRemoveTargetById=1: write which rules, a semicolon and the target")]
    [InlineData("SecAction \"id:1,xmlns:soap\"", "rules.conf:1: xmlns:soap: write xmlns:PREFIX=URI")]
    [InlineData("SecRule XML:/[ \"@rx a\" \"id:1\"", "rules.conf:1: XML:/[ is no XPath 1.0 expression that selects nodes")]
    [InlineData("SecDefaultAction \"log,pass\"", "rules.conf:1: SecDefaultAction needs a phase: write SecDefaultAction \"phase:2,log,auditlog,pass\"")]
    [InlineData("SecDefaultAction \"phase:1,log\"", "rules.conf:1: SecDefaultAction needs what to do: pass, deny, drop, redirect or allow")]
    [InlineData("SecDefaultAction \"phase:1,block\"\nSecAction \"id:1,phase:1,block\"", "rules.conf:1: block in SecDefaultAction would mean itself; write deny or pass")]
    [InlineData("SecDefaultAction \"phase:1,pass,setvar:tx.a=1\"", "rules.conf:1: SecDefaultAction can't have setvar; it takes phase, log")]
    [InlineData("SecRuleEngine Maybe", "rules.conf:1: SecRuleEngine: 'Maybe' is none of On, DetectionOnly, Off")]
    [InlineData("SecRequestBodyLimit 0", "rules.conf:1: SecRequestBodyLimit: '0' is no whole number from 1 to 1073741824")]
    [InlineData("SecArgumentSeparator ab", "rules.conf:1: SecArgumentSeparator: 'ab' is not one ASCII character")]
    [InlineData("SecCookieFormat 1", "rules.conf:1: SecCookieFormat: only format 0")]
    [InlineData("SecUnicodeMapFile x", "rules.conf:1: SecUnicodeMapFile takes a file and a code page: SecUnicodeMapFile unicode.mapping 20127")]
    [InlineData("SecUnicodeMapFile nowhere/x 20127", "rules.conf:1: SecUnicodeMapFile nowhere/x: ")]
    [InlineData("SecRuleScript a.lua", "rules.conf:1: SecRuleScript is not supported: rules in Lua are not run; write SecRule")]
    [InlineData("SecRuleRemoveById x", "rules.conf:1: 'x' is no list of ids; write SecRuleRemoveById 942100 942200-942299")]
    [InlineData("SecRuleRemoveByTag (", "rules.conf:1: '(': the group is not closed (at byte 0)")]
    [InlineData("SecRuleUpdateTargetById 1", "rules.conf:1: SecRuleUpdateTargetById takes which rules and which targets, here are 1 arguments")]
    [InlineData("SecRuleUpdateActionById 1 deny", "rules.conf:1: SecRuleUpdateActionById: there is no rule 1 before this line")]
    [InlineData("SecAction \"id:1\"\nSecRuleUpdateActionById 1 id:2", "rules.conf:2: SecRuleUpdateActionById can't change id")]
    [InlineData("SecAction \"id:1,chain\"\nSecAction \"t:none\"\nSecRuleUpdateActionById 1:1 deny", "rules.conf:3: deny belongs to the first rule of the chain (1), not to a link")]
    [InlineData("SecDataset a b\nSecDataset a c", "rules.conf:2: the dataset a is defined twice")]
    [InlineData("<Location />", "rules.conf:1: '<Location />' is a section of a web server's configuration; remove it, rule files contain directives only")]
    [InlineData("Include", "rules.conf:1: Include takes one path")]
    [InlineData("Include \"nowhere/*.conf\"", "rules.conf:1: no file matches ")]
    [InlineData("Include nowhere/a.conf", "rules.conf:1: there is no file ")]
    [InlineData("Include \"a\0b\"", "is no path")]
    [InlineData("SecRule ARGS \"@pmFromFile a\0b\" \"id:1\"", "is no path")]
    public void What_is_wrong_is_said_with_its_place(string text, string expected) => Assert.Contains(expected, SecRules.Errors(text), StringComparison.Ordinal);

    [Fact]
    public void All_errors_are_told_in_the_order_of_lines()
        => Assert.Equal("rules.conf:1\nrules.conf:2\nrules.conf:4", string.Join('\n', RuleSet.Parse("Sec1\nSecAction \"id:1,foo\"\nSecAction \"id:2\"\nSec2").Errors.Select(error => error.Location)));

    [Fact]
    public void After_a_thousand_errors_the_rest_is_not_looked_at()
        => Assert.InRange(RuleSet.Parse(string.Concat(Enumerable.Repeat("Nonsense\n", 200_000))).Errors.Count, RuleFiles.MaximumErrors, RuleFiles.MaximumErrors + 1);

    [Fact]
    public void Files_that_include_themselves_are_refused()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("a.conf", string.Concat(Enumerable.Repeat("Include a.conf\nInclude *.conf\n", 50)));
        var result = RuleSet.Load([file], directory.Path);
        Assert.Null(result.RuleSet);
        Assert.Contains(result.Errors, error => error.Message.Contains("does a file include itself?", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_never_ends_is_refused()
    {
        Requirement.System(File.Exists("/dev/zero"), "there is no /dev/zero");
        Assert.Contains("is larger than 16 MiB", string.Join('\n', RuleSet.Load(["/dev/zero"], "/").Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void A_huge_text_fails_cleanly()
    {
        Assert.Contains("there is no directive aaaa", SecRules.Errors(new string('a', 4_000_000)), StringComparison.Ordinal);
        Assert.NotEqual("", SecRules.Errors("SecRule ARGS \"@rx " + new string('(', 200_000) + "\" id:1"));
        Assert.NotEqual("", SecRules.Errors("SecAction \"id:1" + string.Concat(Enumerable.Repeat(",t:hexEncode", 1000)) + "\""));
    }
}
