using System.Text;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Dialects;
using Portcullis.EndToEnd.Tests.CoreRuleSet.Running;
using YamlDotNet.RepresentationModel;

namespace Portcullis.EndToEnd.Tests.CoreRuleSet;

/// <summary>What the two dialects of the regression tests make of the same words.</summary>
public sealed class DialectTests
{
    [Fact]
    public void Python_sends_headers_in_their_order_and_completes_those_of_a_body()
        => AssertSent(
            "POST /x HTTP/1.1\r\nUser-Agent: a\r\nHost: b\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\na=b+c%3Cd",
            PythonInput.Build(Input("method: POST", "uri: /x", "headers: { User-Agent: a, Host: b }", "data: a=b c<d")));

    [Fact]
    public void Python_drops_pairs_without_a_value_and_counts_characters_not_bytes()
        => AssertSent(
            "GET / HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\n\u00c3\u00a9", PythonInput.Build(Input("headers: { Content-Type: text/plain }", "data: \"\\xe9\"")),
            "GET / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\nc=d", PythonInput.Build(Input("data: a&b=&c=d")));

    [Fact]
    public void Python_leaves_alone_what_is_encoded_already_or_has_no_pair()
        => AssertSent(
            "GET / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\na=%20<>", PythonInput.Build(Input("data: a=%20<>")),
            "GET / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 4\r\n\r\n<x y", PythonInput.Build(Input("data: <x y")));

    [Fact]
    public void Python_adds_nothing_where_magic_is_stopped_and_joins_lists_by_line_ends()
        => AssertSent("GET / HTTP/1.1\r\n\r\na=<\r\nb", PythonInput.Build(Input("stop_magic: true", "data: [a=<, b]")));

    [Fact]
    public void Python_sends_raw_and_encoded_requests_as_they_are()
        => AssertSent(
            "GET /\t HTTP/1.0\r\n\r\n", PythonInput.Build(Input(@"raw_request: 'GET /\t HTTP/1.0\r\n\x0d\n'")),
            "GET /", PythonInput.Build(Input("encoded_request: R0VUIC8=")));

    [Fact]
    public void Go_sorts_headers_unless_they_are_ordered_and_completes_them()
        => AssertSent(
            "GET / HTTP/1.1\r\nHost: b\r\nUser-Agent: a\r\nConnection: close\r\n\r\n", GoInput.Build(Input("headers: { User-Agent: a, Host: b }")),
            "GET / HTTP/1.1\r\nb: 1\r\na: 2\r\n\r\n", GoInput.Build(Input("ordered_headers: [{ name: b, value: 1 }, { name: a, value: 2 }]", "autocomplete_headers: false")),
            "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", GoInput.Build(Input("method: POST")));

    [Fact]
    public void Go_encodes_every_part_of_a_form_that_is_not_encoded_yet()
        => AssertSent(
            Form("a=b%3D%3C&c&=%20".Replace("%20", "+", StringComparison.Ordinal)), GoInput.Build(Input("method: POST", "data: 'a=b=<&c&= '")),
            Form("a=%zz<"), GoInput.Build(Input("method: POST", "data: a=%zz<")),
            Form("a=b+<"), GoInput.Build(Input("method: POST", "data: a=b+<")));

    [Fact]
    public void Go_ends_the_lines_of_multipart_bodies_with_carriage_return_and_line_feed()
        => AssertSent(
            "POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\nConnection: close\r\nContent-Length: 5\r\n\r\n--x\r\n",
            GoInput.Build(Input("method: POST", "headers: { Content-Type: multipart/form-data; boundary=x }", "data: \"--x\\n\"")));

    [Fact]
    public void Go_expands_repetitions_and_refuses_other_templates()
    {
        AssertSent(Form("a=1111"), GoInput.Build(Input("method: POST", "data: a={{ \"1\" | repeat 4 }}")));
        Assert.Throws<NotSupportedException>(() => GoInput.Build(Input("data: a={{ env }}")));
    }

    [Theory]
    [InlineData(200, "[id \"942100\"]", null)]
    [InlineData(400, "[id \"942100\"]", "status 400, expected 200")]
    [InlineData(200, "", "not logged: 942100")]
    [InlineData(200, "[id \"942100\"] [id \"942999\"]", "logged: 942999")]
    [InlineData(200, "[id \"942100\"]\n[id \"1\"]", "more than the one rule: 942100,1")]
    [InlineData(200, "Rule [id \"942100\"] - Execution error - PCRE limits exceeded", "not logged: 942100")]
    public void An_expectation_judges_status_and_rules(int status, string log, string? failure)
    {
        var expectation = new Expectation { Statuses = [200], Ids = [942100], NoIds = [942999], IsIsolated = true };
        Assert.Equal(failure, expectation.Judge(new(status, [], null), RuleHits.FromLines(log.Split('\n'))));
    }

    [Fact]
    public void An_expected_error_is_the_absence_of_an_answer()
    {
        var expectation = new Expectation { IsError = true };
        Assert.Null(expectation.Judge(new(0, [], "closed"), RuleHits.None));
        Assert.NotNull(expectation.Judge(new(200, [], null), RuleHits.None));
        Assert.NotNull(new Expectation().Judge(new(0, [], "closed"), RuleHits.None));
    }

    private static string Form(string body)
        => $"POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    private static void AssertSent(params object[] pairs)
    {
        for (var i = 0; i < pairs.Length; i += 2) Assert.Equal((string)pairs[i], Encoding.Latin1.GetString((byte[])pairs[i + 1]));
    }

    private static YamlMappingNode Input(params string[] lines)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(string.Join('\n', lines)));
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }
}
