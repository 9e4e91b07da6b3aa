using Portcullis.Waf.Engine;
using Portcullis.Waf.Tests.Support;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Tests.Variables;

public sealed class VariableTests
{
    private static readonly Exchange Form = new()
    {
        Method = "POST",
        Target = "/dir/p%61ge.php?q=1&Q=2&e=%3c",
        Headers = [("Host", "example.com:8080"), ("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", "sid=abc; b = c;d"), ("X-A", "1"), ("X-A", "2")],
        Body = "q=3&n=%zz",
        ResponseHeaders = [("Content-Type", "text/html; charset=utf-8"), ("Server", "s")],
        ResponseBody = "<p>body",
    };

    [Theory]
    [InlineData("ARGS", "q=1 Q=2 e=< q=3 n=%zz")]
    [InlineData("ARGS:q", "q=1 Q=2 q=3")]
    [InlineData("ARGS:/^[en]$/", "e=< n=%zz")]
    [InlineData("ARGS|!ARGS:q", "e=< n=%zz")]
    [InlineData("ARGS|!ARGS:/q/", "e=< n=%zz")]
    [InlineData("ARGS_GET", "q=1 Q=2 e=<")]
    [InlineData("ARGS_POST", "q=3 n=%zz")]
    [InlineData("ARGS_NAMES", "q=q Q=Q e=e q=q n=n")]
    [InlineData("ARGS_GET_NAMES:e", "e=e")]
    [InlineData("ARGS_POST_NAMES", "q=q n=n")]
    [InlineData("ARGS_COMBINED_SIZE", "12")]
    [InlineData("AUTH_TYPE", "")]
    [InlineData("FULL_REQUEST_LENGTH", "171")]
    [InlineData("HIGHEST_SEVERITY", "255")]
    [InlineData("INBOUND_DATA_ERROR", "0")]
    [InlineData("PATH_INFO", "/dir/page.php")]
    [InlineData("QUERY_STRING", "q=1&Q=2&e=%3c")]
    [InlineData("REMOTE_ADDR", "192.0.2.7")]
    [InlineData("REMOTE_HOST", "192.0.2.7")]
    [InlineData("REMOTE_PORT", "40000")]
    [InlineData("REQBODY_ERROR", "0")]
    [InlineData("REQBODY_PROCESSOR", "URLENCODED")]
    [InlineData("REQUEST_BASENAME", "page.php")]
    [InlineData("REQUEST_BODY", "q=3&n=%zz")]
    [InlineData("REQUEST_BODY_LENGTH", "9")]
    [InlineData("REQUEST_COOKIES", "sid=abc b = c d=")]
    [InlineData("REQUEST_COOKIES_NAMES", "sid=sid b =b  d=d")]
    [InlineData("REQUEST_FILENAME", "/dir/page.php")]
    [InlineData("REQUEST_HEADERS:x-a", "X-A=1 X-A=2")]
    [InlineData("REQUEST_HEADERS_NAMES", "Host=Host Content-Type=Content-Type Cookie=Cookie X-A=X-A X-A=X-A")]
    [InlineData("REQUEST_LINE", "POST /dir/p%61ge.php?q=1&Q=2&e=%3c HTTP/1.1")]
    [InlineData("REQUEST_METHOD", "POST")]
    [InlineData("REQUEST_PROTOCOL", "HTTP/1.1")]
    [InlineData("REQUEST_URI", "/dir/p%61ge.php?q=1&Q=2&e=%3c")]
    [InlineData("REQUEST_URI_RAW", "/dir/p%61ge.php?q=1&Q=2&e=%3c")]
    [InlineData("RESPONSE_BODY", "<p>body")]
    [InlineData("RESPONSE_CONTENT_LENGTH", "7")]
    [InlineData("RESPONSE_CONTENT_TYPE", "text/html; charset=utf-8")]
    [InlineData("RESPONSE_HEADERS:server", "Server=s")]
    [InlineData("RESPONSE_HEADERS_NAMES", "Content-Type=Content-Type Server=Server")]
    [InlineData("RESPONSE_PROTOCOL", "HTTP/1.1")]
    [InlineData("RESPONSE_STATUS", "200")]
    [InlineData("SERVER_ADDR", "198.51.100.1")]
    [InlineData("SERVER_NAME", "example.com")]
    [InlineData("SERVER_PORT", "443")]
    [InlineData("STATUS_LINE", "HTTP/1.1 200")]
    [InlineData("TIME", "00:00:00")]
    [InlineData("TIME_DAY", "1")]
    [InlineData("TIME_EPOCH", "1893456000")]
    [InlineData("TIME_MON", "0")]
    [InlineData("TIME_WDAY", "2")]
    [InlineData("TIME_YEAR", "2030")]
    [InlineData("UNIQUE_ID", "")]
    [InlineData("URLENCODED_ERROR", "1")]
    [InlineData("USERAGENT_IP", "192.0.2.7")]
    [InlineData("WEBAPPID", "default")]
    [InlineData("TX:t", "t=tx")]
    [InlineData("ENV:e", "e=env")]
    [InlineData("GEO", "")]
    [InlineData("FILES", "")]
    [InlineData("XML:/*", "")]
    public void A_form_is_seen_as(string target, string expected) => Assert.Equal(expected, Values(target, Form));

    [Theory]
    [InlineData("FILES", "f=a.txt")]
    [InlineData("FILES_NAMES", "f=f")]
    [InlineData("FILES_SIZES", "f=4")]
    [InlineData("FILES_COMBINED_SIZE", "4")]
    [InlineData("FILES_TMP_CONTENT", "f=data")]
    [InlineData("FILES_TMPNAMES", "")]
    [InlineData("MULTIPART_FILENAME", "f=a.txt")]
    [InlineData("MULTIPART_NAME", "f=f")]
    [InlineData("MULTIPART_STRICT_ERROR", "0")]
    [InlineData("ARGS_POST", "n=v")]
    [InlineData("REQUEST_BODY", "")]
    [InlineData("REQBODY_PROCESSOR", "MULTIPART")]
    public void An_upload_is_seen_as(string target, string expected)
        => Assert.Equal(expected, Values(target, new Exchange
        {
            Method = "POST",
            Headers = [("Content-Type", "multipart/form-data; boundary=b")],
            Body = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\ndata\r\n--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nv\r\n--b--\r\n",
        }));

    [Theory]
    [InlineData("JSON", "{\"a\":{\"b\":1}}", "ARGS", "a.b=1")]
    [InlineData("XML", "<r a='1'>t<b c='2'>u</b></r>", "XML://@*", "//@*=1 //@*=2")]
    [InlineData("XML", "<r a='1'>t<b c='2'>u</b></r>", "XML://b", "//b=u")]
    [InlineData("XML", "<r>", "REQBODY_ERROR", "1")]
    [InlineData("RAW", "abc", "REQUEST_BODY", "abc")]
    [InlineData("URLENCODED", "a=b", "ARGS", "a=b")]
    public void A_body_is_read_as_a_rule_says(string processor, string body, string target, string expected)
        => Assert.Equal(expected, Values(target, new Exchange { Method = "POST", Body = body }, $"""SecAction "id:1,phase:1,pass,nolog,ctl:requestBodyProcessor={processor}" """));

    [Fact]
    public void Xml_is_seen_by_rules_that_looked_in_vain_before()
    {
        const string Rules = """
            SecRule XML:/* "@rx attack" "id:1,phase:1,pass"
            SecAction "id:2,phase:1,pass,nolog,ctl:requestBodyProcessor=XML"
            SecRule XML:/* "@rx attack" "id:3,phase:1,pass"
            SecRule XML:/* "@rx attack" "id:4,phase:2,deny"
            """;
        Assert.Equal("4", new Exchange { Method = "POST", Body = "<a>attack</a>" }.Run(Rules).Ids);
    }

    [Fact]
    public void The_full_request_is_request_line_fields_and_body()
        => Assert.Equal("POST / HTTP/1.1\r\nA: b\r\n\r\nbody", Values("FULL_REQUEST", new Exchange { Method = "POST", Headers = [("A", "b")], Body = "body" }));

    [Theory]
    [InlineData("*", "*", "*")]
    [InlineData("host:443", "host:443", "host:443")]
    [InlineData("http://h", "", "")]
    [InlineData("http://h?a", "?a", "")]
    [InlineData("http://h/p?a", "/p?a", "/p")]
    [InlineData("/r?u=http://h/x", "/r?u=http://h/x", "/r")]
    [InlineData("r?u=http://h/x", "r?u=http://h/x", "r")]
    [InlineData("/a%2", "/a%2", "/a%2")]
    [InlineData("/a#b?c", "/a", "/a")]
    public void A_target_of_each_form_is_split(string target, string uri, string filename)
    {
        Assert.Equal(uri, Values("REQUEST_URI", new Exchange { Target = target }));
        Assert.Equal(filename, Values("REQUEST_FILENAME", new Exchange { Target = target }));
    }

    [Fact]
    public void A_body_that_cannot_be_read_is_a_fault_unless_a_rule_asks()
    {
        const string Json = """SecAction "id:1,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON" """;
        var broken = new Exchange { Method = "POST", Body = "{" };
        Assert.Equal(EngineFault.UnreadableBody, broken.Run(Json).Fault);
        var asked = broken.Run(Json + "\nSecRule REQBODY_ERROR \"!@eq 0\" \"id:2,phase:2,deny,status:400\"");
        Assert.Equal((EngineFault.None, 400), (asked.Fault, asked.Interruption?.Status));
        Assert.Equal(EngineFault.UnreadableBody, new Exchange { Target = "/?" + string.Concat(Enumerable.Repeat("a&", 1001)) }.Run(Json).Fault);
    }

    [Fact]
    public void A_long_body_is_refused_or_cut()
    {
        var exchange = Exchange.Form("a=" + new string('x', 100));
        Assert.Equal(new Interruption(InterruptionKind.Deny, 413, 0, Waf.Rules.Phase.RequestBody), exchange.Run("SecRequestBodyNoFilesLimit 50").Interruption);
        Assert.Null(exchange.Run("SecRequestBodyNoFilesLimit 50", new InspectionOptions { Mode = EngineMode.DetectionOnly }).Interruption);
        Assert.Equal(413, exchange.Run("", new InspectionOptions { RequestBodyLimit = 50 }).Interruption?.Status);
        Assert.Equal("1", exchange.Run("""
            SecRequestBodyNoFilesLimit 50
            SecRequestBodyLimitAction ProcessPartial
            SecRule INBOUND_DATA_ERROR "@eq 1" "id:1,phase:2,pass,chain"
              SecRule REQUEST_BODY_LENGTH "@eq 50"
            """).Ids);
    }

    [Fact]
    public void Fields_of_a_form_with_files_count_for_the_limit_without_files()
    {
        const string Rules = "SecRequestBodyNoFilesLimit 200";
        Exchange Upload(int field, int file) => new()
        {
            Method = "POST",
            Headers = [("Content-Type", "multipart/form-data; boundary=b")],
            Body = $"--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n{new string('x', file)}\r\n--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n{new string('x', field)}\r\n--b--\r\n",
        };
        Assert.Equal(EngineFault.None, Upload(10, 5000).Run(Rules).Fault);
        Assert.Equal(EngineFault.UnreadableBody, Upload(500, 10).Run(Rules).Fault);
    }

    [Fact]
    public void Every_variable_can_be_looked_at()
    {
        foreach (var variable in Enum.GetValues<Variable>())
        {
            var name = variable == Variable.Rule ? "RULE:id" : VariableCatalogue.Name(variable);
            Assert.Equal(EngineFault.None, Form.Run($"""SecRule {name}|&{name} "@rx ." "id:1,phase:4,pass" """).Fault);
            if (variable is Variable.FullRequest or Variable.FullRequestLength or Variable.FilesTmpContent) continue;
            Assert.Equal(EngineFault.None, Form.Run($"""SecAction "id:1,phase:4,pass,msg:'%{"{" + name + "}"}'" """).Fault);
        }
    }

    private static string Values(string target, Exchange exchange, string before = "")
    {
        var phase = target.StartsWith("RESPONSE", StringComparison.Ordinal) || target == "STATUS_LINE" ? 4 : 2;
        var outcome = exchange.Run($"""
            SecRequestBodyAccess On
            SecResponseBodyAccess On
            {before}
            SecAction "id:90,phase:1,pass,nolog,setvar:tx.t=tx,setenv:e=env"
            SecRule REQBODY_ERROR "@eq 7" "id:91,phase:2,pass"
            SecRule {target} "@rx .|^$" "id:99,phase:{phase},pass"
            """, clock: new ManualTimeProvider());
        Assert.Equal(EngineFault.None, outcome.Fault);
        return string.Join(' ', outcome.Hits.Where(hit => hit.RuleId == 99 && !(hit.Value.Length == 0 && !hit.Variable.Contains(':', StringComparison.Ordinal)))
            .Select(hit => hit.Variable.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? $"{hit.Variable[(colon + 1)..]}={hit.Value}" : hit.Value));
    }
}
