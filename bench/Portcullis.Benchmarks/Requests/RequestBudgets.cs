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
            return
            [
                new("request: proxied GET", 1024, () => gateway.Exchange(plain), IsOfProcess: true),
                new("request: proxied GET, token, limits, response fields, decision log", 2048, () => gateway.Exchange(policies), IsOfProcess: true),
                new("request: proxied POST of 10 KB", 1024, () => gateway.Exchange(post), IsOfProcess: true),
            ];
        }
    }

    private static byte[] Request(string line, string fields)
        => Encoding.ASCII.GetBytes($"{line} HTTP/1.1\r\nHost: api.example.com\r\nUser-Agent: budgets/1.0\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n{fields}\r\n");
}
