namespace Portcullis.Gateway.Tests.Conformance;

/// <summary>Several requests on a connection, HTTP/1.0, Expect, other protocols.</summary>
internal static class HostileSequences
{
    private const string Get = "GET /seen HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Post = "POST /seen HTTP/1.1\r\nHost: a\r\n";

    public static TheoryData<string, string, int, string> Rows => new()
    {
        { "two requests", Get + Next, 200, "/seen /next" },
        { "three requests", Get + Next + Next, 200, "/seen /next /next" },
        { "CR LF between requests", Get + "\r\n" + Next, 200, "/seen /next" },
        { "LF between requests", Get + "\n" + Next, 200, "/seen" },
        { "second is malformed", Get + "GET /next HTTP/1.1\r\nHost : a\r\n\r\n" + Next, 200, "/seen" },
        { "first is malformed", "GET /seen HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n" + Next, 400, "" },
        { "first has a field that the gateway refuses", "GET /seen HTTP/1.1\r\nHost: a\r\nConnection: Authorization\r\n\r\n" + Next, 400, "" },
        { "first has a target that the gateway refuses", "GET /a/../seen HTTP/1.1\r\nHost: a\r\n\r\n" + Next, 400, "" },
        { "first has a trailer that the gateway refuses", Post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nHost: b\r\n\r\n" + Next, 400, "" },
        { "first has a coding that the gateway refuses", Post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + Next, 400, "" },
        { "first has no Host", "GET /seen HTTP/1.1\r\n\r\n" + Next, 400, "" },
        { "first has an unknown expectation", "GET /seen HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n" + Next, 417, "/next" },
        { "refused content is not taken for a request", Post + "Expect: x\r\nContent-Length: 33\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n" + Next, 417, "/next" },
        { "content looks like a request", Post + "Content-Length: 33\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n" + Next, 200, "/seen:GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n /next" },
        { "chunk looks like a request", Post + "Transfer-Encoding: chunked\r\n\r\n21\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n\r\n0\r\n\r\n" + Next, 200, "/seen:GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n /next" },
        { "chunk looks like the end", Post + "Transfer-Encoding: chunked\r\n\r\n5\r\n0\r\n\r\n\r\n0\r\n\r\n" + Next, 200, "/seen:0\r\n\r\n /next" },
        { "after close", "GET /seen HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + Next, 200, "/seen" },
        { "after close in upper case", "GET /seen HTTP/1.1\r\nHost: a\r\nConnection: CLOSE\r\n\r\n" + Next, 200, "/seen" },
        { "after close in a list", "GET /seen HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n" + Next, 200, "/seen" },
        { "after two Connection fields", "GET /seen HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n" + Next, 200, "/seen" },
        { "after HTTP/1.0", "GET /seen HTTP/1.0\r\nHost: a\r\n\r\n" + Next, 200, "/seen" },
        { "after HTTP/1.0 with keep-alive", "GET /seen HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n" + Next, 200, "/seen /next" },
        { "HTTP/1.0 with content but no length", "POST /seen HTTP/1.0\r\nHost: a\r\n\r\nabc", 400, "" },

        // Expect: 100-continue (RFC 9110 §10.1.1).
        { "expectation", Post + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc" + Next, 200, "/seen:abc /next" },
        { "expectation in upper case", Post + "Expect: 100-CONTINUE\r\nContent-Length: 3\r\n\r\nabc" + Next, 200, "/seen:abc /next" },
        { "expectation without content", "GET /seen HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n" + Next, 200, "/seen /next" },
        { "expectation before chunks", Post + "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + Next, 200, "/seen:abc /next" },
        { "expectation in HTTP/1.0", "POST /seen HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc", 200, "/seen:abc" },
        { "two expectations", Post + "Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc", 417, "" },
        { "expectation with more", Post + "Expect: 100-continue, x\r\nContent-Length: 3\r\n\r\nabc", 417, "" },
        { "expectation with a space within", Post + "Expect: 100 -continue\r\nContent-Length: 3\r\n\r\nabc", 417, "" },

        // Other protocols.
        { "HTTP/2 preface after a request", Get + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 200, "/seen" },
        { "almost an HTTP/2 preface", "PRI * HTTP/1.1\r\n\r\nSM\r\n\r\n" + Next, 400, "" },
        { "PRI for a path", "PRI /seen HTTP/1.1\r\nHost: a\r\n\r\n", 200, "/seen" },
        { "upgrade to h2c", "GET /seen HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n" + Next, 200, "/seen /next" },
        { "upgrade to another protocol", "GET /seen HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n" + Next, 200, "/seen /next" },
        { "upgrade with content", Post + "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\nabc" + Next, 200, "/seen:abc /next" },
        { "PROXY header where none is believed", "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + Get, 400, "" },
        { "TLS hello", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003", 400, "" },
        { "nothing but NULs", "\0\0\0\0\0\0\0\0", 400, "" },
        { "endless CR LF", string.Concat(Enumerable.Repeat("\r\n", 50_000)) + Get, 400, "" },
    };
}
