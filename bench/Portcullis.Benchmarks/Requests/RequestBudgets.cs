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
            var http2 = new Http2Client(gateway.EndPoint);
            var plain2 = Http2Request("/plain");
            var policies2 = Http2Request("/policies", ("authorization", $"Bearer {token}"));
            return
            [
                new("request: proxied GET", 1024, () => gateway.Exchange(plain), IsOfProcess: true),
                new("request: proxied GET, token, limits, response fields, decision log", 2048, () => gateway.Exchange(policies), IsOfProcess: true),
                new("request: proxied POST of 10 KB", 1024, () => gateway.Exchange(post), IsOfProcess: true),
                new("request: GET over HTTP/2", 1024, () => http2.Exchange(plain2), IsOfProcess: true),
                new("request: GET over HTTP/2, token, limits, response fields, decision log", 2048, () => http2.Exchange(policies2), IsOfProcess: true),
            ];
        }
    }

    private static byte[] Http2Request(string path, params ReadOnlySpan<(string Name, string Value)> more)
        => Http2Client.Get(
        [
            (":method", "GET"), (":scheme", "http"), (":authority", "api.example.com"), (":path", path),
            ("user-agent", "budgets/1.0"), ("accept", "*/*"), ("accept-encoding", "gzip"), .. more,
        ]);

    private static byte[] Request(string line, string fields)
        => Encoding.ASCII.GetBytes($"{line} HTTP/1.1\r\nHost: api.example.com\r\nUser-Agent: budgets/1.0\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n{fields}\r\n");
}
