using System.Text;
using Portcullis.Fuzz.Targets;
using Portcullis.Gateway.Fields;
using Portcullis.Gateway.Forwarding.Http1;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>The rules of reading a response. Each case is shown whole, octet by octet, and in every other size of piece.</summary>
public sealed class ResponseParserTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\n";

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc")]
    [InlineData("HTTP/1.1 200 \r\ncontent-length:3\r\n\r\nabc", "abc")]
    [InlineData("HTTP/1.1 200 R\u00e9ason \t x\r\nCONTENT-LENGTH: \t 0003 \t \r\n\r\nabc", "abc")]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc")]
    [InlineData("HTTP/1.1 204 No\r\n\r\n", "")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n", "")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "")]
    [InlineData("HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz", "z")]
    [InlineData("HTTP/1.1 100 Go\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz", "z")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\n1\r\na\r\n0A\r\n0123456789\r\n000\r\n\r\n", "a0123456789")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a;b=c;d=\"e\\\"f;\t\u00e9\"\r\nabc\r\n0;x\r\n\r\n", "abc")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n\n\r\n1\r\n\r\r\n0\r\nX: y\r\n\r\n", "\n\r")]
    [InlineData("HTTP/1.1 200 OK\r\n!#$%&'*+-.^_`|~09azAZ: x\r\nEmpty:\r\nSpaces: \t \r\nContent-Length: 0\r\n\r\n", "")]
    public void Valid_response_is_read_to_its_end(string response, string body)
    {
        var outcome = Read(response);

        Assert.Equal(ParseStep.End, outcome.End);
        Assert.Equal(body, outcome.Body);
        Assert.Equal(response.Length, outcome.Used);
    }

    [Theory]
    // Status line
    [InlineData("\r\nHTTP/1.1 200 OK\r\n\r\n")]
    [InlineData(" HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("http/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.2 200 OK\r\n\r\n")]
    [InlineData("HTTP/2.0 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.10 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1\t200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200\tOK\r\n\r\n")]
    [InlineData("HTTP/1.1 200\r\n\r\n")]
    [InlineData("HTTP/1.1 20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 +20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 099 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 600 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\0K\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\rK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\u001bK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\u007fK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2")]
    [InlineData("\u0016\u0003\u0001")]
    // Field lines
    [InlineData(Ok + "A : b\r\n\r\n")]
    [InlineData(Ok + "A\t: b\r\n\r\n")]
    [InlineData(Ok + ": b\r\n\r\n")]
    [InlineData(Ok + "A\r\n\r\n")]
    [InlineData(Ok + " A: b\r\n\r\n")]
    [InlineData(Ok + "\tA: b\r\n\r\n")]
    [InlineData(Ok + "A: b\r\n c\r\n\r\n")]
    [InlineData(Ok + "A: b\r\n\t\r\n\r\n")]
    [InlineData(Ok + "A: b\nC: d\r\n\r\n")]
    [InlineData(Ok + "A: b\rC: d\r\n\r\n")]
    [InlineData(Ok + "A: b\r\r\n\r\n")]
    [InlineData(Ok + "A: b\r\n\n")]
    [InlineData(Ok + "A: b\r\n\r\r\n")]
    [InlineData(Ok + "A: \0\r\n\r\n")]
    [InlineData(Ok + "A: b\u0001c\r\n\r\n")]
    [InlineData(Ok + "A: b\u007f\r\n\r\n")]
    [InlineData(Ok + "A\0: b\r\n\r\n")]
    [InlineData(Ok + "A\u00e9: b\r\n\r\n")]
    [InlineData(Ok + "A(b): c\r\n\r\n")]
    [InlineData(Ok + "A;b: c\r\n\r\n")]
    [InlineData(Ok + "\"A\": c\r\n\r\n")]
    [InlineData(Ok + "Content Length: 1\r\n\r\n")]
    // Lengths
    [InlineData(Ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    [InlineData(Ok + "Content-Length: 1\r\ncontent-length: 1\r\n\r\na")]
    [InlineData(Ok + "Content-Length: 1, 1\r\n\r\na")]
    [InlineData(Ok + "Content-Length: 1,\r\n\r\na")]
    [InlineData(Ok + "Content-Length: +1\r\n\r\na")]
    [InlineData(Ok + "Content-Length: -1\r\n\r\na")]
    [InlineData(Ok + "Content-Length: 0x1\r\n\r\na")]
    [InlineData(Ok + "Content-Length: 1.0\r\n\r\na")]
    [InlineData(Ok + "Content-Length: 1 1\r\n\r\na")]
    [InlineData(Ok + "Content-Length: \"1\"\r\n\r\na")]
    [InlineData(Ok + "Content-Length:\r\n\r\na")]
    [InlineData(Ok + "Content-Length: 1e2\r\n\r\na")]
    [InlineData(Ok + "Content-Length: 1_0\r\n\r\na")]
    [InlineData(Ok + "Content-Length: \u00b2\r\n\r\na")]
    [InlineData(Ok + "Content-Length: 9223372036854775808\r\n\r\na")]
    [InlineData(Ok + "Content-Length: 18446744073709551617\r\n\r\na")]
    [InlineData(Ok + "Content-Length: 00000000000000000001\r\n\r\na")]
    // Codings
    [InlineData(Ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(Ok + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(Ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(Ok + "Transfer-Encoding: identity\r\n\r\n")]
    [InlineData(Ok + "Transfer-Encoding:\r\n\r\n")]
    [InlineData(Ok + "Transfer-Encoding: xchunked\r\n\r\n")]
    [InlineData(Ok + "Transfer-Encoding: chunked;q=1\r\n\r\n")]
    [InlineData(Ok + "Transfer-Encoding: \u000bchunked\r\n\r\n")]
    [InlineData("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 100 Go\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(Ok + "Connection: Content-Type\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(Ok + "Connection: close, set-cookie\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(Ok + "Connection: close;x\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")]
    public void Malformed_head_is_refused(string response) => Refused(response);

    [Theory]
    [InlineData("\r\n")]
    [InlineData(" 1\r\na\r\n")]
    [InlineData("1 \r\na\r\n")]
    [InlineData("\t1\r\na\r\n")]
    [InlineData("+1\r\na\r\n")]
    [InlineData("-1\r\na\r\n")]
    [InlineData("0x1\r\na\r\n")]
    [InlineData("g\r\n")]
    [InlineData("1\na\r\n")]
    [InlineData("1\r\na\n")]
    [InlineData("1\r\nab")]
    [InlineData("1\r\na\rb")]
    [InlineData("1\r\na1\r\n")]
    [InlineData("1\r\r\na")]
    [InlineData(";a\r\n")]
    [InlineData("1;\r\na")]
    [InlineData("1;=b\r\na")]
    [InlineData("1;a=\r\na")]
    [InlineData("1;a=\"b\r\na")]
    [InlineData("1;a=\"b\"c\r\na")]
    [InlineData("1;a=\"b\\\r\na")]
    [InlineData("1 ;a\r\na")]
    [InlineData("1; a\r\na")]
    [InlineData("1;a\nb\r\na")]
    [InlineData("1;a\0\r\na")]
    [InlineData("1;a=\"\u0001\"\r\na")]
    [InlineData("8000000000000000\r\n")]
    [InlineData("ffffffffffffffff\r\n")]
    [InlineData("10000000000000000\r\n")]
    [InlineData("00000000000000001\r\na\r\n")]
    [InlineData("1\r\na\r\n7fffffffffffffff\r\n")]
    [InlineData("0\r\n a: b\r\n\r\n")]
    [InlineData("0\r\na : b\r\n\r\n")]
    [InlineData("0\r\na: b\n\r\n")]
    [InlineData("0\r\na: b\r\n\n")]
    [InlineData("0\r\na\r\n\r\n")]
    [InlineData("0\r\na: \0\r\n\r\n")]
    public void Malformed_chunk_is_refused(string body) => Refused(Ok + "Transfer-Encoding: chunked\r\n\r\n" + body);

    [Fact]
    public void Head_of_head_has_no_body()
    {
        var response = Ok + "Content-Length: 10\r\n\r\n";

        var outcome = Http1ResponseTarget.Read(Encoding.Latin1.GetBytes(response + "HTTP/1.1"), 1000, toHead: true, upgradeAsked: false);

        Assert.Equal(ParseStep.End, outcome.End);
        Assert.Equal(response.Length, outcome.Used);
    }

    [Fact]
    public void Section_of_lines_has_a_limit_and_may_reach_it()
    {
        var room = ResponseParser.MaximumHead - Ok.Length - "Content-Length: 0\r\n\r\n".Length;
        var largest = Ok + "A:" + new string('x', room - 4) + "\r\nContent-Length: 0\r\n\r\n";
        Assert.Equal(ParseStep.End, ReadFew(largest).End);
        Assert.Equal(ParseStep.Invalid, ReadFew(largest.Replace("A:", "A:x", StringComparison.Ordinal)).End);
        Assert.Equal(ParseStep.Invalid, ReadFew(Ok + new string('x', ResponseParser.MaximumHead)).End);
        Assert.Equal(ParseStep.Invalid, ReadFew(Ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nA: " + new string('x', ResponseParser.MaximumHead)).End);
    }

    [Fact]
    public void Number_of_fields_has_a_limit()
    {
        string With(int count) => Ok + string.Concat(Enumerable.Repeat("A: b\r\n", count)) + "Content-Length: 0\r\n\r\n";

        Assert.Equal(ParseStep.End, ReadFew(With(ResponseParser.MaximumFields - 1)).End);
        Assert.Equal(ParseStep.Invalid, ReadFew(With(ResponseParser.MaximumFields)).End);
        Assert.Equal(
            ParseStep.Invalid,
            ReadFew(Ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + string.Concat(Enumerable.Repeat("A: b\r\n", ResponseParser.MaximumFields + 1))).End);
    }

    [Fact]
    public void Number_of_interim_responses_has_a_limit()
    {
        string With(int count) => string.Concat(Enumerable.Repeat("HTTP/1.1 102 Wait\r\n\r\n", count)) + "HTTP/1.1 204 No\r\n\r\n";

        Assert.Equal(ParseStep.End, ReadFew(With(ResponseParser.MaximumInterim)).End);
        Assert.Equal(ParseStep.Invalid, ReadFew(With(ResponseParser.MaximumInterim + 1)).End);
    }

    [Fact]
    public void Number_of_connection_options_has_a_limit()
    {
        string With(int count) => Ok + "Connection: " + string.Join(',', Enumerable.Repeat("a", count)) + "\r\nContent-Length: 0\r\n\r\n";

        Assert.Equal(ParseStep.End, ReadFew(With(ResponseParser.MaximumConnectionOptions)).End);
        Assert.Equal(ParseStep.Invalid, ReadFew(With(ResponseParser.MaximumConnectionOptions + 1)).End);
    }

    [Fact]
    public void Chunk_extensions_have_a_limit_each_and_together()
    {
        string With(int length, int count) =>
            Ok + "Transfer-Encoding: chunked\r\n\r\n" + string.Concat(Enumerable.Repeat("1;" + new string('e', length) + "\r\na\r\n", count)) + "0\r\n\r\n";

        Assert.Equal(ParseStep.End, ReadFew(With(500, 32)).End);
        Assert.Equal(ParseStep.Invalid, ReadFew(With(512, 1)).End);
        Assert.Equal(ParseStep.Invalid, ReadFew(With(500, 33)).End);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: keep-alive,\tclose \r\nContent-Length: 0\r\n\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false)]
    [InlineData("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", false)]
    [InlineData("HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", false)]
    [InlineData("HTTP/1.1 100 Go\r\nConnection: close\r\n\r\nHTTP/1.1 204 No\r\n\r\n", true)]
    public void Connection_is_kept_only_where_the_message_allows(string response, bool kept) => Assert.Equal(kept, Read(response).KeepsAlive);

    [Fact]
    public void Body_without_length_ends_with_the_connection()
    {
        var parser = new ResponseParser();
        parser.Begin(toHead: false, upgradeAsked: false);
        Assert.Equal(ParseStep.Head, parser.ReadHead("HTTP/1.1 200 OK\r\n\r\n"u8, out _));

        Assert.Equal(BodyFraming.UntilClose, parser.Framing);
        Assert.False(parser.KeepsAlive);
        Assert.Equal(ParseStep.Data, parser.ReadBody("abc"u8, out _, out _));
        Assert.Equal(ParseStep.End, parser.EndOfStream());
    }

    [Theory]
    [InlineData("Content-Length: 4\r\n\r\nabc")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n")]
    public void Truncated_body_is_no_end(string rest)
    {
        var parser = new ResponseParser();
        parser.Begin(toHead: false, upgradeAsked: false);
        var data = Encoding.Latin1.GetBytes(Ok + rest).AsSpan();
        Assert.Equal(ParseStep.Head, parser.ReadHead(data, out var used));
        ParseStep step;
        do
        {
            data = data[used..];
            step = parser.ReadBody(data, out used, out _);
        }
        while (step == ParseStep.Data);

        Assert.Equal(ParseStep.NeedMore, step);
        Assert.Equal(ParseStep.Invalid, parser.EndOfStream());
    }

    [Fact]
    public void Forbidden_trailer_fields_are_dropped_and_others_kept()
    {
        var outcome = Read(
            Ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\nSet-Cookie: a=b\r\nHost: x\r\n" +
            "Content-Type: x\r\nTrailer: x\r\nLocation: x\r\nAuthorization: x\r\nCache-Control: x\r\nConnection: x\r\nGrpc-Status: 0\r\n\r\n");

        Assert.EndsWith("trailer X-Sum: 1\ntrailer Grpc-Status: 0\n", outcome.Fields, StringComparison.Ordinal);
        Assert.Equal(2, outcome.Fields.Split("trailer ").Length - 1);
    }

    [Fact]
    public void Known_names_become_their_canonical_string_in_any_case()
    {
        foreach (var name in new[] { "content-type", "CONTENT-TYPE", "Content-Type" })
            Assert.Same(Microsoft.Net.Http.Headers.HeaderNames.ContentType, KnownFields.Find(Encoding.ASCII.GetBytes(name), out _));
        Assert.Null(KnownFields.Find("Content-Typf"u8, out _));
        Assert.Null(KnownFields.Find("Content\u001aType"u8, out _));
        Assert.Null(KnownFields.Find([], out _));
    }

    [Fact]
    public void Equal_lines_of_the_next_response_cost_no_string_and_personal_values_are_not_kept()
    {
        var parser = new ResponseParser();
        var head = Encoding.Latin1.GetBytes(Ok + "Server: x\r\nX-Own: y\r\nSet-Cookie: z\r\nContent-Length: 0\r\n\r\n");
        parser.Begin(toHead: false, upgradeAsked: false);
        parser.ReadHead(head, out _);
        var first = parser.Fields.ToArray();
        parser.Trim();
        parser.Begin(toHead: false, upgradeAsked: false);
        parser.ReadHead(head, out _);
        var second = parser.Fields.ToArray();

        Assert.Same(first[0].Value.ToString(), second[0].Value.ToString());
        Assert.Same(first[1].Key, second[1].Key);
        Assert.Same(first[1].Value.ToString(), second[1].Value.ToString());
        Assert.Equal(first[2].Value, second[2].Value);
        Assert.NotSame(first[2].Value.ToString(), second[2].Value.ToString());
    }

    private static void Refused(string response)
    {
        var outcome = Read(response);
        Assert.Equal(ParseStep.Invalid, outcome.End);
        Assert.NotEmpty(outcome.Error!);
    }

    private static Http1ResponseTarget.Outcome Read(string response)
    {
        var octets = Encoding.Latin1.GetBytes(response);
        var whole = Http1ResponseTarget.Read(octets, octets.Length, toHead: false, upgradeAsked: false);
        for (var piece = 1; piece < octets.Length; piece++)
            Assert.True(whole.IsLike(Http1ResponseTarget.Read(octets, piece, toHead: false, upgradeAsked: false)));
        return whole;
    }

    private static Http1ResponseTarget.Outcome ReadFew(string response)
    {
        var octets = Encoding.Latin1.GetBytes(response);
        var whole = Http1ResponseTarget.Read(octets, octets.Length, toHead: false, upgradeAsked: false);
        Assert.True(whole.IsLike(Http1ResponseTarget.Read(octets, 1, toHead: false, upgradeAsked: false)));
        Assert.True(whole.IsLike(Http1ResponseTarget.Read(octets, 4093, toHead: false, upgradeAsked: false)));
        return whole;
    }
}
