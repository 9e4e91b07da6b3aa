namespace Portcullis.Gateway.Tests.Conformance;

/// <summary>Chunk sizes, extensions, line ends and trailers (RFC 9112 §7.1).</summary>
internal static class HostileChunks
{
    private const string Post = "POST /seen HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    private const string Hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Last = "0\r\n\r\n";

    public static TheoryData<string, string, int, string> Rows => new()
    {
        { "0x", Post + "0x3\r\nabc\r\n" + Last, 400, "" },
        { "0X0", Post + "0X0\r\n\r\n" + Hidden, 400, "" },
        { "plus", Post + "+3\r\nabc\r\n" + Last, 400, "" },
        { "minus", Post + "-3\r\nabc\r\n" + Last, 400, "" },
        { "minus zero", Post + "-0\r\n\r\n" + Hidden, 400, "" },
        { "underscore", Post + "0_3\r\nabc\r\n" + Last, 400, "" },
        { "letter h", Post + "3h\r\nabc\r\n" + Last, 400, "" },
        { "comma", Post + "3,3\r\nabc\r\n" + Last, 400, "" },
        { "empty", Post + "\r\nabc\r\n" + Last, 400, "" },
        { "empty with an extension", Post + ";x\r\nabc\r\n" + Last, 400, "" },
        { "leading space", Post + " 3\r\nabc\r\n" + Last, 400, "" },
        { "leading tab", Post + "\t3\r\nabc\r\n" + Last, 400, "" },
        { "trailing space", Post + "3 \r\nabc\r\n" + Last, 400, "" },
        { "NUL", Post + "3\0\r\nabc\r\n" + Last, 400, "" },
        { "quoted", Post + "\"3\"\r\nabc\r\n" + Last, 400, "" },
        { "33 bits", Post + "100000003\r\nabc\r\n" + Last, 413, "" },
        { "65 bits", Post + "10000000000000003\r\nabc\r\n" + Last, 400, "" },
        { "31 bits and sign", Post + "80000000\r\nabc\r\n" + Last, 413, "" },
        { "all ones", Post + "ffffffffffffffff\r\nabc\r\n" + Last, 400, "" },
        { "more than there is", Post + "a00001\r\nabc\r\n" + Last, 413, "" },
        { "many leading zeros", Post + "0000000000000000000003\r\nabc\r\n" + Last, 400, "" },
        { "some leading zeros", Post + "003\r\nabc\r\n000\r\n\r\n", 200, "/seen:abc" },
        { "upper and lower case", Post + "A\r\n0123456789\r\na\r\n0123456789\r\n" + Last, 200, "/seen:01234567890123456789" },

        // Ends of lines.
        { "bare LF after the size", Post + "3\nabc\r\n" + Last, 400, "" },
        { "bare CR after the size", Post + "3\rabc\r\n" + Last, 400, "" },
        { "bare LF after the content", Post + "3\r\nabc\n" + Last, 400, "" },
        { "bare CR after the content", Post + "3\r\nabc\r" + Last, 400, "" },
        { "nothing after the content", Post + "3\r\nabc" + Last, 400, "" },
        { "other octets after the content", Post + "3\r\nabcxx" + Last, 400, "" },
        { "content longer than its size", Post + "3\r\nabcd\r\n" + Last, 400, "" },
        { "bare LF after the last size", Post + "3\r\nabc\r\n0\n\r\n", 400, "" },
        { "bare LF at the very end", Post + "3\r\nabc\r\n0\r\n\n" + Hidden, 400, "" },
        { "bare LFs at the end", Post + "3\r\nabc\r\n0\n\n" + Hidden, 400, "" },
        { "bare CR at the very end", Post + "3\r\nabc\r\n0\r\n\r" + Hidden, 400, "" },
        { "CR CR LF after the size", Post + "3\r\r\nabc\r\n" + Last, 400, "" },
        { "no last chunk", Post + "3\r\nabc\r\n", 0, "" },
        { "cut within a chunk", Post + "30\r\nabc", 0, "" },

        // Extensions: taken off.
        { "extension", Post + "3;a=b\r\nabc\r\n0;c\r\n\r\n", 200, "/seen:abc" },
        { "quoted extension", Post + "3;a=\"b;c\"\r\nabc\r\n" + Last, 200, "/seen:abc" },
        { "quoted CR LF in an extension", Post + "3;a=\"\r\nabc\r\n" + Last, 400, "" },
        { "bare LF in an extension", Post + "3;a\nabc\r\n" + Last, 400, "" },
        { "bare LF that hides chunks in an extension", Post + "2;\nxx\r\n40\r\n0\r\n\r\n" + Hidden + "0\r\n\r\n", 400, "" },
        { "bare CR in an extension", Post + "3;a\rb\r\nabc\r\n" + Last, 400, "" },
        { "quoted bare LF in an extension", Post + "3;a=\"\n\"\r\nabc\r\n" + Last, 400, "" },
        { "NUL in an extension", Post + "3;a\0\r\nabc\r\n" + Last, 400, "" },
        { "control character in an extension", Post + "3;a=\u0001\r\nabc\r\n" + Last, 400, "" },
        { "endless extension", Post + "3;" + new string('a', 100_000) + "\r\nabc\r\n" + Last, 400, "" },

        // Trailers.
        { "trailer", Post + "3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n", 200, "/seen:abc+X-Sum=1" },
        { "Content-Length in trailers", Post + "3\r\nabc\r\n0\r\nContent-Length: 40\r\n\r\n" + Hidden, 400, "" },
        { "Transfer-Encoding in trailers", Post + "3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "" },
        { "Host in trailers", Post + "3\r\nabc\r\n0\r\nHost: b\r\n\r\n", 400, "" },
        { "Authorization in trailers", Post + "3\r\nabc\r\n0\r\nAuthorization: Basic eDp5\r\n\r\n", 400, "" },
        { "own field in trailers", Post + "3\r\nabc\r\n0\r\nPortcullis-Subject: root\r\n\r\n", 400, "" },
        { "own field with underscores in trailers", Post + "3\r\nabc\r\n0\r\nPortcullis_Subject: root\r\n\r\n", 200, "/seen:abc" },
        { "own field with a dot in trailers", Post + "3\r\nabc\r\n0\r\nPortcullis.Subject: root\r\n\r\n", 200, "/seen:abc" },
        { "API key with underscores in trailers", Post + "3\r\nabc\r\n0\r\nX_Api_Key: k\r\n\r\n", 200, "/seen:abc" },
        { "X-Forwarded-For in trailers", Post + "3\r\nabc\r\n0\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n", 400, "" },
        { "space before the colon in trailers", Post + "3\r\nabc\r\n0\r\nX : y\r\n\r\n", 400, "" },
        { "folded trailer", Post + "3\r\nabc\r\n0\r\nX: y\r\n z\r\n\r\n", 400, "" },
        { "bare LF in trailers", Post + "3\r\nabc\r\n0\r\nX: y\nContent-Length: 3\r\n\r\n", 400, "" },
        { "NUL in trailers", Post + "3\r\nabc\r\n0\r\nX: y\0\r\n\r\n", 400, "" },
        { "request line for a trailer", Post + "3\r\nabc\r\n0\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n", 400, "" },
        { "trailers without an end", Post + "3\r\nabc\r\n0\r\nX: y\r\n", 0, "" },
        { "hidden request after the last chunk", Post + Last + Hidden, 200, "/seen /hidden" },
    };
}
