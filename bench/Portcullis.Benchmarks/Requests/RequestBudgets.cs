using System.Text;
using Portcullis.Benchmarks.Budgets;

namespace Portcullis.Benchmarks.Requests;

/// <summary>What a whole proxied request may allocate, on all threads of the process, from the client's first octet to the response's last.</summary>
internal static class RequestBudgets
{
    public static IEnumerable<AllocationBudget> All
    {
        get
        {
            var gateway = GatewayUnderTest.Start();
            var token = gateway.Token();
            var plain = Request("GET /plain", "");
            var policies = Request("GET /policies", $"Authorization: Bearer {token}\r\n");
            byte[] post = [.. Request("POST /plain", "Content-Length: 10240\r\n"), .. new byte[10240]];
            var waf = Request("GET /waf?page=2&sort=name", "Cookie: session=0123456789abcdef\r\nAccept-Language: en-GB,en;q=0.8\r\n");
            byte[] wafPost = [.. Request("POST /waf", "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1024\r\n"), .. Form()];
            var http2 = new Http2Client(gateway.EndPoint);
            var plain2 = Http2Request("/plain");
            var waf2 = Http2Request("/waf?page=2");
            var policies2 = Http2Request("/policies", ("authorization", $"Bearer {token}"));
            return
            [
                new("request: proxied GET", 1024, () => gateway.Exchange(plain), IsOfProcess: true),
                new("request: proxied GET, token, limits, response fields, decision log", 2048, () => gateway.Exchange(policies), IsOfProcess: true),
                new("request: proxied POST of 10 KB", 1024, () => gateway.Exchange(post), IsOfProcess: true),
                new("request: GET before the firewall's rules", 1024, () => gateway.Exchange(waf), IsOfProcess: true),
                new("request: POST of a form of 1 KB before the firewall's rules", 1536, () => gateway.Exchange(wafPost), IsOfProcess: true),
                new("request: GET over HTTP/2 before the firewall's rules", 1024, () => http2.Exchange(waf2), IsOfProcess: true),
                new("request: GET over HTTP/2", 1024, () => http2.Exchange(plain2), IsOfProcess: true),
                new("request: GET over HTTP/2, token, limits, response fields, decision log", 2048, () => http2.Exchange(policies2), IsOfProcess: true),
            ];
        }
    }

    private static byte[] Form() => Encoding.ASCII.GetBytes("name=Ada&text=" + new string('a', 1024 - "name=Ada&text=".Length));

    private static byte[] Http2Request(string path, params ReadOnlySpan<(string Name, string Value)> more)
        => Http2Client.Get(
        [
            (":method", "GET"), (":scheme", "http"), (":authority", "api.example.com"), (":path", path),
            ("user-agent", "budgets/1.0"), ("accept", "*/*"), ("accept-encoding", "gzip"), .. more,
        ]);

    private static byte[] Request(string line, string fields)
        => Encoding.ASCII.GetBytes($"{line} HTTP/1.1\r\nHost: api.example.com\r\nUser-Agent: budgets/1.0\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n{fields}\r\n");
}
