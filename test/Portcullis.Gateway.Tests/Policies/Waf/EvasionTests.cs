using System.Globalization;
using System.Text;
using Portcullis.Gateway.Tests.Hosting;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Policies.Waf;

/// <summary>Ways around the rules, each of which leads nowhere: what upstreams get has been judged, or they do not get it.</summary>
public sealed class EvasionTests
{
    private const string End = "Connection: close\r\n\r\n";

    [Fact]
    public async Task An_attack_that_is_cut_over_chunks_is_put_together()
        => await RefusedAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + End + "4\r\nbody\r\n6\r\nattack\r\n0\r\n\r\n");

    [Fact]
    public async Task What_stands_in_chunk_extensions_reaches_nobody()
    {
        await using var waf = await WafGateway.StartAsync();

        await RawHttp.SendAsync(waf.Gateway.EndPoint(), "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + End + "3;x=bodyattack\r\nabc\r\n0;y=bodyattack\r\n\r\n");

        Assert.All(waf.Upstream, seen => Assert.Equal("abc", seen.Body));
    }

    [Fact]
    public async Task The_same_request_meets_the_same_rules_over_either_version()
    {
        const string Body = "a=bodyattack";
        await using var waf = await WafGateway.StartAsync("detect");
        var one = "POST /p?q=bodyattack HTTP/1.1\r\nhost: localhost\r\ncookie: a=1; b=2\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 12\r\n" + End + Body;
        await RawHttp.SendAsync(waf.Gateway.EndPoint(), one);
        await using var client = await RawHttp2Client.ConnectAsync(waf.Gateway.EndPoint());
        var fields = RawHttp2Client.Request("POST", "/p?q=bodyattack", "localhost", ("cookie", "a=1"), ("cookie", "b=2"), ("content-type", "application/x-www-form-urlencoded"), ("content-length", "12"));

        await client.SendHeadersAsync(1, fields, endStream: false);
        await client.SendDataAsync(1, Encoding.ASCII.GetBytes(Body), endStream: true);
        await client.ReadReplyAsync(1);

        var decisions = await waf.Gateway.DecisionsAsync(2);
        Assert.Equal(decisions[0].GetProperty("waf").GetRawText(), decisions[1].GetProperty("waf").GetRawText());
        Assert.Equal(15, decisions[1].GetProperty("waf").GetProperty("score").GetInt64());
    }

    [Theory]
    [InlineData("CONTENT-TYPE")]
    [InlineData("content-type")]
    [InlineData("cOnTeNt-TyPe")]
    public async Task The_case_of_field_names_is_nothing_to_go_by(string name)
        => await RefusedAsync($"POST / HTTP/1.1\r\nHost: a\r\n{name}: application/json\r\nContent-Length: 22\r\n" + End + """{"a":"body\u0061ttack"}""");

    [Fact]
    public async Task The_last_of_very_many_fields_is_looked_at()
    {
        var fields = string.Concat(Enumerable.Range(0, 80).Select(n => string.Create(CultureInfo.InvariantCulture, $"X-{n}: {new string('a', 100)}\r\n")));
        await RefusedAsync("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "X-Last: headattack\r\n" + End);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("image/png")]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+proto")]
    [InlineData("multipart/mixed; boundary=b")]
    [InlineData("application/jsonx")]
    public async Task No_content_type_keeps_a_body_from_the_rules(string type)
        => await RefusedAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: {type}\r\nContent-Length: 10\r\n" + End + "bodyattack");

    [Fact]
    public async Task A_second_content_type_is_refused_since_upstreams_could_take_either()
    {
        await using var waf = await WafGateway.StartAsync();

        var answer = await RawHttp.SendAsync(
            waf.Gateway.EndPoint(),
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Type: application/json\r\nContent-Length: 2\r\n" + End + "{}");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Empty(waf.Upstream);
    }

    [Theory]
    [InlineData("Content-Length: 5010\r\n", "")]
    [InlineData("Content-Length: 5010\r\nExpect: 100-continue\r\n", "")]
    public async Task An_attack_behind_the_limit_does_not_pass(string fields, string _)
    {
        await using var waf = await WafGateway.StartAsync("{ bodyLimit: 1KiB }");

        var answer = await RawHttp.SendAsync(waf.Gateway.EndPoint(), "POST / HTTP/1.1\r\nHost: a\r\n" + fields + End + new string('a', 5000) + "bodyattack");

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Empty(waf.Upstream);
    }

    [Fact]
    public async Task A_body_that_was_expected_to_be_called_for_is_inspected_too()
        => await RefusedAsync("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10\r\n" + End + "bodyattack", "HTTP/1.1 403 ");

    [Theory]
    [InlineData("gzip, chunked")]
    [InlineData("gzip")]
    [InlineData("chunked, identity")]
    public async Task A_body_in_a_coding_that_nobody_reads_here_is_refused(string coding)
    {
        await using var waf = await WafGateway.StartAsync();

        var answer = await RawHttp.SendAsync(waf.Gateway.EndPoint(), $"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {coding}\r\n" + End + "0\r\n\r\n");

        Assert.Matches("^HTTP/1.1 (400|501) ", answer);
        Assert.Empty(waf.Upstream);
    }

    [Theory]
    [InlineData("/%61dmin")]
    [InlineData("/x/../admin")]
    [InlineData("/./admin")]
    [InlineData("/x/%2e%2e/admin")]
    [InlineData("//admin")]
    [InlineData("/x/..%2fadmin")]
    [InlineData("/x\\..\\admin")]
    public async Task No_spelling_of_a_path_leads_past_a_rule_to_where_it_leads(string target)
    {
        await using var waf = await WafGateway.StartAsync(
            rules: """SecRule REQUEST_FILENAME "@beginsWith /admin" "id:1,phase:1,deny,t:none,t:urlDecodeUni,t:normalizePathWin" """);

        await RawHttp.SendAsync(waf.Gateway.EndPoint(), $"GET {target} HTTP/1.1\r\nHost: a\r\n" + End);

        Assert.DoesNotContain(waf.Upstream, seen => seen.Target.StartsWith("/admin", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Trailer_fields_do_not_reach_the_upstream()
    {
        await using var waf = await WafGateway.StartAsync();

        var answer = await RawHttp.SendAsync(
            waf.Gateway.EndPoint(),
            "POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTrailer: X-Evil\r\nTransfer-Encoding: chunked\r\n" + End + "3\r\nabc\r\n0\r\nX-Evil: headattack\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Evil", Assert.Single(waf.Upstream).Fields.Keys);
    }

    [Fact]
    public async Task An_upgrade_with_a_body_is_a_request_with_a_body()
        => await RefusedAsync(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nContent-Length: 10\r\n\r\nbodyattack",
            isKept: true);

    [Fact]
    public async Task A_field_that_Connection_names_is_neither_judged_nor_passed_on()
    {
        await using var waf = await WafGateway.StartAsync();

        var answer = await RawHttp.SendAsync(waf.Gateway.EndPoint(), "GET / HTTP/1.1\r\nHost: a\r\nX-Hop: 1\r\nConnection: close, X-Hop\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Hop", Assert.Single(waf.Upstream).Fields.Keys);
    }

    private static async Task RefusedAsync(string request, string status = "HTTP/1.1 403 ", bool isKept = false)
    {
        await using var waf = await WafGateway.StartAsync();

        // A connection that is kept is ended by a second request.
        var answer = await RawHttp.SendAsync(waf.Gateway.EndPoint(), isKept ? request + "GET / HTTP/1.1\r\nHost: a\r\n" + End : request);

        Assert.Contains(status, answer, StringComparison.Ordinal);
        Assert.Contains("waf.blocked", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(waf.Upstream, seen => seen.Method == "POST" || seen.Body.Length > 0);
    }
}
