using System.Text;
using Portcullis.Waf;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Variables;

namespace Portcullis.Fuzz.Targets;

/// <summary>A request and a response for rules: what rules make of it comes out as one text, to be compared.</summary>
internal sealed class WafRequest
{
    private readonly byte[] method;
    private readonly byte[] target;
    private readonly List<(byte[] Name, byte[] Value)> fields = [];
    private readonly byte[] body;

    /// <param name="text">Method, target and fields, one a line; an empty line; the body, which is also the response's.</param>
    public WafRequest(ReadOnlySpan<byte> text)
    {
        var rest = text;
        method = Line(ref rest).ToArray();
        target = Line(ref rest).ToArray();
        while (fields.Count < 64 && Line(ref rest) is { IsEmpty: false } field)
        {
            var colon = field.IndexOf((byte)':');
            fields.Add(colon < 0 ? (field.ToArray(), []) : (field[..colon].ToArray(), field[(colon + 1)..].Trim((byte)' ').ToArray()));
        }

        body = rest.ToArray();
    }

    public static IReadOnlyList<WafRequest> Samples { get; } =
    [
        new("GET\n/a%2fb.php?a=1&b=%3Cscript%3E&a=2#x\nHost: example.com\nCookie: a=1; b=' or 1=1--\nUser-Agent: x\n\n"u8),
        new("POST\n/\nContent-Type: application/x-www-form-urlencoded\n\na=4111111111111111&%75=union+select&c"u8),
        new("POST\n/j\nContent-Type: application/json\nContent-Length: 9\n\n{\"a\":[1,{\"b\":\"../../etc/passwd\"}]}"u8),
        new("POST\n/x\nContent-Type: text/xml\n\n<r a='1'><b>text</b><b x='2'/></r>"u8),
        new("POST\nhttp://h/m?q\nContent-Type: multipart/form-data; boundary=b\n\n--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n<?php\r\n--b--\r\n"u8),
    ];

    public string Run(RuleSet rules, TransactionSettings settings)
    {
        using var transaction = rules.Begin(settings, new PersistentCollections(FixedClock.Instance), FixedClock.Instance);
        return Run(transaction);
    }

    public string Run(Transaction transaction)
    {
        transaction.Connection("192.0.2.1"u8, 1, "192.0.2.2"u8, 443);
        transaction.RequestLine(method, target, "HTTP/1.1"u8);
        foreach (var (name, value) in fields) transaction.RequestHeader(name, value);
        if (transaction.ProcessRequestHeaders() is null)
        {
            for (var at = 0; at < body.Length && transaction.AppendRequestBody(body.AsSpan(at, Math.Min(1000, body.Length - at))); at += 1000)
            {
            }

            if (transaction.ProcessRequestBody() is null)
            {
                transaction.ResponseStatus(200, "HTTP/1.1"u8);
                transaction.ResponseHeader("Content-Type"u8, "text/html; charset=utf-8"u8);
                if (transaction.ProcessResponseHeaders() is null)
                {
                    transaction.AppendResponseBody(body);
                    transaction.ProcessResponseBody();
                }
            }
        }

        transaction.ProcessLogging();
        var text = new StringBuilder();
        text.Append(transaction.Interruption).Append(transaction.Suppressed).Append(transaction.Fault);
        text.Append(transaction.InboundScore).Append(transaction.OutboundScore);
        foreach (var hit in transaction.Hits)
        {
            BrokenInvariantException.Unless(hit.Value.Length <= RuleHit.MaximumValueLength + 1, "values of hits are cut");
            BrokenInvariantException.Unless((hit.Data?.Length ?? 0) <= RuleHit.MaximumTextLength + 1, "texts of hits are cut");
            text.Append($"\n{hit.RuleId} {hit.Variable}={hit.Value} {hit.Message} {hit.Data}");
        }

        return text.ToString();
    }

    private static ReadOnlySpan<byte> Line(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)'\n');
        var line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return line.TrimEnd((byte)'\r');
    }

    // Rules may ask for the time; the same request is to find the same.
    private sealed class FixedClock : TimeProvider
    {
        public static readonly FixedClock Instance = new();

        public override long GetTimestamp() => 1;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
