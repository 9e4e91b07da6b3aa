namespace Portcullis.Gateway.Tests.Conformance;

/// <summary>Where does the content end: Content-Length against Transfer-Encoding in every spelling (RFC 9112 §6).</summary>
internal static class HostileFraming
{
    private const string Post = "POST /seen HTTP/1.1\r\nHost: a\r\n";
    private const string Hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Last = "0\r\n\r\n";
    private const string Chunked = "Transfer-Encoding: chunked\r\n";

    public static TheoryData<string, string, int, string> Rows => new()
    {
        // Both.
        { "CL.TE", Post + "Content-Length: 6\r\n" + Chunked + "\r\n" + Last + "G" + Hidden, 400, "" },
        { "CL.TE, hidden request in the length", Post + "Content-Length: 40\r\n" + Chunked + "\r\n" + Last + Hidden, 400, "" },
        { "TE.CL", Post + Chunked + "Content-Length: 4\r\n\r\n2a\r\n" + Hidden + "x=12345\r\n" + Last, 400, "" },
        { "TE and length 0", Post + Chunked + "Content-Length: 0\r\n\r\n" + Last, 400, "" },
        { "length 0 and TE", Post + "Content-Length: 0\r\n" + Chunked + "\r\n" + Last + Hidden, 400, "" },
        { "both in a GET", "GET /seen HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n" + Chunked + "\r\n" + Last + Hidden, 400, "" },
        { "both in lower case", Post + "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n" + Last + Hidden, 400, "" },
        { "both, the length named by Connection", Post + "Connection: Content-Length\r\nContent-Length: 5\r\n" + Chunked + "\r\n" + Last, 400, "" },
        { "coding named by Connection", Post + "Connection: Transfer-Encoding\r\n" + Chunked + "\r\n" + Last, 400, "" },
        { "length named by Connection", Post + "Connection: content-length\r\nContent-Length: 3\r\n\r\nabc", 400, "" },
        { "both, folded", Post + "Content-Length: 5\r\nX: y\r\n Transfer-Encoding: chunked\r\n\r\n" + Last, 400, "" },

        // Transfer-Encoding that one reader takes and another does not.
        { "TE.TE", Post + Chunked + "Transfer-Encoding: identity\r\n\r\n" + Last + Hidden, 400, "" },
        { "identity first", Post + "Transfer-Encoding: identity\r\n" + Chunked + "\r\n" + Last, 400, "" },
        { "chunked twice", Post + Chunked + Chunked + "\r\n" + Last, 400, "" },
        { "chunked twice in one", Post + "Transfer-Encoding: chunked, chunked\r\n\r\n" + Last, 400, "" },
        { "space before the colon", Post + "Transfer-Encoding : chunked\r\n\r\n" + Last, 400, "" },
        { "tab before the colon", Post + "Transfer-Encoding\t: chunked\r\n\r\n" + Last, 400, "" },
        { "space before the name", Post + " Transfer-Encoding: chunked\r\n\r\n" + Last, 400, "" },
        { "tab before the name", Post + "X: y\r\n\tTransfer-Encoding: chunked\r\n\r\n" + Last, 400, "" },
        { "VT before the value", Post + "Transfer-Encoding: \u000bchunked\r\n\r\n" + Last, 400, "" },
        { "FF after the value", Post + "Transfer-Encoding: chunked\u000c\r\n\r\n" + Last, 400, "" },
        { "NUL after the value", Post + "Transfer-Encoding: chunked\0\r\n\r\n" + Last, 400, "" },
        { "bare CR before the value", Post + "Transfer-Encoding:\rchunked\r\n\r\n" + Last, 400, "" },
        { "bare LF before the value", Post + "Transfer-Encoding:\nchunked\r\n\r\n" + Last, 400, "" },
        { "bare CR after the value", Post + "Transfer-Encoding: chunked\rX: y\r\n\r\n" + Last, 400, "" },
        { "bare LF before the field", Post + "X: y\nTransfer-Encoding: chunked\r\n\r\n" + Last, 400, "" },
        { "bare CR before the field", Post + "X: y\rTransfer-Encoding: chunked\r\n\r\n" + Last, 400, "" },
        { "no-break space after the value", Post + "Transfer-Encoding: chunked\u00a0\r\n\r\n" + Last, 400, "" },
        { "octet 255 before the value", Post + "Transfer-Encoding: \u00ffchunked\r\n\r\n" + Last, 400, "" },
        { "quoted", Post + "Transfer-Encoding: \"chunked\"\r\n\r\n" + Last, 400, "" },
        { "in single quotes", Post + "Transfer-Encoding: 'chunked'\r\n\r\n" + Last, 400, "" },
        { "with a parameter", Post + "Transfer-Encoding: chunked;q=1\r\n\r\n" + Last, 400, "" },
        { "comma before", Post + "Transfer-Encoding: ,chunked\r\n\r\n" + Last, 400, "" },
        { "comma after", Post + "Transfer-Encoding: chunked,\r\n\r\n" + Last, 400, "" },
        { "prefixed", Post + "Transfer-Encoding: xchunked\r\n\r\n" + Last, 400, "" },
        { "cut short", Post + "Transfer-Encoding: chunke\r\n\r\n" + Last, 501, "" },
        { "spaced", Post + "Transfer-Encoding: c h u n k e d\r\n\r\n" + Last, 501, "" },
        { "empty", Post + "Transfer-Encoding:\r\nContent-Length: 3\r\n\r\nabc", 400, "" },
        { "identity", Post + "Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc", 400, "" },
        { "gzip before chunked", Post + "Transfer-Encoding: gzip, chunked\r\n\r\n" + Last, 400, "" },
        { "chunked before gzip", Post + "Transfer-Encoding: chunked, gzip\r\n\r\n" + Last, 400, "" },
        { "folded value", Post + "Transfer-Encoding:\r\n chunked\r\n\r\n" + Last, 400, "" },
        { "underscore in the name beside a length", Post + "Transfer_Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc", 200, "/seen:abc" },
        { "quote after the name", Post + "Transfer-Encoding\": chunked\r\n\r\n" + Last, 400, "" },
        { "any case", Post + "tRANSFER-eNCODING: ChUnKeD\r\n\r\n3\r\nabc\r\n" + Last, 200, "/seen:abc" },
        { "tab around the value", Post + "Transfer-Encoding:\tchunked \t\r\n\r\n3\r\nabc\r\n" + Last, 200, "/seen:abc" },
        { "in HTTP/1.0", "POST /seen HTTP/1.0\r\nHost: a\r\n" + Chunked + "\r\n" + Last + Hidden, 400, "" },
        { "in HTTP/1.0 with keep-alive", "POST /seen HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nContent-Length: 3\r\n" + Chunked + "\r\n" + Last + Hidden, 400, "" },
        { "chunked named as trailer", Post + "Trailer: Transfer-Encoding\r\nContent-Length: 3\r\n\r\nabc", 200, "/seen:abc" },

        // Content-Length.
        { "two equal lengths", Post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, "" },
        { "two lengths", Post + "Content-Length: 3\r\nContent-Length: 0\r\n\r\nabc" + Hidden, 400, "" },
        { "list of lengths", Post + "Content-Length: 3, 3\r\n\r\nabc", 400, "" },
        { "plus", Post + "Content-Length: +3\r\n\r\nabc", 400, "" },
        { "minus", Post + "Content-Length: -1\r\n\r\nabc", 400, "" },
        { "minus zero", Post + "Content-Length: -0\r\n\r\n" + Hidden, 400, "" },
        { "hexadecimal", Post + "Content-Length: 0x3\r\n\r\nabc", 400, "" },
        { "letter", Post + "Content-Length: 3a\r\n\r\nabc", 400, "" },
        { "point", Post + "Content-Length: 3.0\r\n\r\nabc", 400, "" },
        { "exponent", Post + "Content-Length: 3e0\r\n\r\nabc", 400, "" },
        { "underscore", Post + "Content-Length: 1_0\r\n\r\nabcdefghij", 400, "" },
        { "space within", Post + "Content-Length: 3 3\r\n\r\nabc", 400, "" },
        { "empty length", Post + "Content-Length:\r\n\r\n" + Hidden, 400, "" },
        { "quoted length", Post + "Content-Length: \"3\"\r\n\r\nabc", 400, "" },
        { "length with a control character", Post + "Content-Length: 3\u0001\r\n\r\nabc", 400, "" },
        { "length with a NUL", Post + "Content-Length: 3\0\r\n\r\nabc", 400, "" },
        { "more than 64 bits", Post + "Content-Length: 18446744073709551619\r\n\r\nabc", 400, "" },
        { "2^63", Post + "Content-Length: 9223372036854775808\r\n\r\nabc", 400, "" },
        { "digits of another script", Post + "Content-Length: \u00b3\r\n\r\nabc", 400, "" },
        { "more than the limit", Post + "Content-Length: 10485761\r\n\r\nabc", 413, "" },
        { "space before the colon of the length", Post + "Content-Length : 3\r\n\r\nabc", 400, "" },
        { "folded length", Post + "Content-Length: 3\r\n 0\r\n\r\nabc", 400, "" },
        { "underscore for hyphen", Post + "Content_Length: 40\r\nContent-Length: 3\r\n\r\nabc" + Hidden, 200, "/seen:abc /hidden" },
        { "leading zeros", Post + "Content-Length: 003\r\n\r\nabc", 200, "/seen:abc" },
        { "length in a GET", "GET /seen HTTP/1.1\r\nHost: a\r\nContent-Length: 33\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n", 200, "/seen:GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "length in a HEAD", "HEAD /seen HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 200, "/seen:abc" },
        { "content that ends early", Post + "Content-Length: 30\r\n\r\nabc", 0, "" },
        { "content without a length", Post + "\r\n" + Hidden, 200, "/seen /hidden" },
    };
}
