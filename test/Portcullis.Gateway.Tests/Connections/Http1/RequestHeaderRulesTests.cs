using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Connections.Http1;
using Portcullis.Gateway.Pipeline;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http1;

/// <summary>Every rule against a real listener: raw sockets, hand-made frames.</summary>
public sealed class RequestHeaderRulesTests : IAsyncLifetime
{
    private readonly EchoApplication application = new() { Handler = CheckAsync };
    private Listener listener = null!;

    public async ValueTask InitializeAsync() => listener = await TestListener.StartAsync(TestListener.Plain, application);

    public ValueTask DisposeAsync() => listener.DisposeAsync();

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX(: b\r\n\r\n", 400, "parenthesis in a name")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX\"y: b\r\n\r\n", 400, "quote in a name")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX;y: b\r\n\r\n", 400, "semicolon in a name")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX\\y: b\r\n\r\n", 400, "backslash in a name")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX\x01y: b\r\n\r\n", 400, "control character in a name")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX\xe9: b\r\n\r\n", 400, "octet above 127 in a name")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: a\x01b\r\n\r\n", 400, "SOH in a value")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: a\x0b\r\n\r\n", 400, "VT at the end of a value")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: a\x7f\r\n\r\n", 400, "DEL in a value")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: \x1b[31m\r\n\r\n", 400, "ESC in a value")]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "empty Host")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 400, "length and coding")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 400, "coding and length")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400, "two codings")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "coding twice")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400, "chunked not last")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400, "almost chunked")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 400, "quoted chunked")]
    [InlineData("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "coding in 1.0")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", 417, "unknown expectation")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nExpect: x\r\n\r\n", 417, "two expectations")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: close, Authorization\r\n\r\n", 400, "Connection: Authorization")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Forwarded-For\r\n\r\n", 400, "Connection: X-Forwarded-For")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: cookie\r\n\r\n", 400, "Connection: cookie, second field")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: portcullis-subject\r\n\r\n", 400, "Connection: our own field")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: content-length\r\n\r\n", 400, "Connection: content-length")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: a b\r\n\r\n", 400, "Connection: no token")]
    public async Task Http1_request_that_breaks_a_rule_is_refused(string request, int status, string what)
    {
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync(request);
        var response = await client.ReadResponseAsync();

        Assert.True(response.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{what}: {response}");
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: \t a\tb \t\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX!#$%&'*+-.^_`|~9: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: \xe9\xff\x80\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData("DELETE / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: , ,keep-alive,,TE\r\nTE: trailers, deflate;q=0.5\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: x-own-hop\r\nX-Own-Hop: 1\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: [::1]:8080\r\nExpect: 100-Continue\r\n\r\n")]
    public async Task Http1_request_within_the_rules_passes(string request)
    {
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync(request);

        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Octets_above_127_reach_the_application_one_for_one()
    {
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nX: \xc3\xa9\xff\r\n\r\n");

        Assert.Contains("X=\u00c3\u00a9\u00ff", Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(await client.ReadResponseAsync())), StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> Http2Fields => new()
    {
        { "transfer-encoding", "chunked", "Transfer-Encoding" },
        { "connection", "close", "Connection" },
        { "connection", "keep-alive", "Connection keep-alive" },
        { "keep-alive", "timeout=5", "Keep-Alive" },
        { "proxy-connection", "close", "Proxy-Connection" },
        { "upgrade", "websocket", "Upgrade" },
        { "te", "gzip", "TE other than trailers" },
        { "te", "trailers, gzip", "TE trailers and more" },
        { "X-Upper", "b", "upper case name" },
        { "x y", "b", "space in a name" },
        { "x:y", "b", "colon in a name" },
        { "x\ty", "b", "tab in a name" },
        { "x\r\ny", "b", "CR LF in a name" },
        { "x\ny", "b", "LF in a name" },
        { "x\0", "b", "NUL in a name" },
        { "x(", "b", "parenthesis in a name" },
        { "x\x7f", "b", "DEL in a name" },
        { "x\xe9", "b", "octet above 127 in a name" },
        { "", "b", "empty name" },
        { "x", "a\r\nb: c", "CR LF in a value" },
        { "x", "a\nb", "LF in a value" },
        { "x", "a\rb", "CR in a value" },
        { "x", "a\0b", "NUL in a value" },
        { "x", "a\x01", "SOH in a value" },
        { "x", " a", "leading space in a value" },
        { "x", "a ", "trailing space in a value" },
        { "x", "\ta", "leading tab in a value" },
        { "content-length", "+0", "signed length" },
        { "content-length", "0x0", "hexadecimal length" },
        { "content-length", "1", "length without content" },
        { "content-length", "", "empty length" },
        { "expect", "x", "unknown expectation" },
        { ":unknown", "x", "unknown pseudo-field" },
        { ":path", "/", "pseudo-field after fields" },
        { ":status", "200", "response pseudo-field" },
    };

    [Theory]
    [MemberData(nameof(Http2Fields))]
    public async Task Http2_request_with_a_malformed_field_is_refused(string name, string value, string what)
    {
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        var reply = await client.ExchangeAsync(1, RawHttp2Client.Request(more: [("a", "b"), (name, value)]));

        Assert.True(reply.IsCut || reply.Status is 400 or 417, $"{what}: {reply}");
    }

    public static TheoryData<string, string> Http2Heads => new()
    {
        { ":method=GET|:scheme=http|:path=/", "no authority and no Host" },
        { ":method=GET|:scheme=http|:authority=|:path=/", "empty authority" },
        { ":method=GET|:scheme=http|:authority=a", "no path" },
        { ":method=GET|:scheme=http|:authority=a|:path=", "empty path" },
        { ":scheme=http|:authority=a|:path=/", "no method" },
        { ":method=GET|:authority=a|:path=/", "no scheme" },
        { ":method=GET|:method=GET|:scheme=http|:authority=a|:path=/", "two methods" },
        { ":method=GET|:scheme=http|:authority=a|:path=/|:path=/", "two paths" },
        { ":method=GET|:scheme=http|:authority=a|:authority=b|:path=/", "two authorities" },
        { ":method=G ET|:scheme=http|:authority=a|:path=/", "space in the method" },
        { ":method=GET|:scheme=http|:authority=a|:path=/ x", "space in the path" },
        { ":method=GET|:scheme=http|:authority=a|:path=/\r\nx", "CR LF in the path" },
        { ":method=GET|:scheme=http|:authority=a|:path=/\0", "NUL in the path" },
        { ":method=GET|:scheme=http|:authority=a|:path=x", "path without slash" },
        { ":method=GET|:scheme=http|:authority=a|:path=*", "asterisk for GET" },
        { ":method=GET|:scheme=http|:authority=a b|:path=/", "space in the authority" },
        { ":method=GET|:scheme=http|:authority=u@a|:path=/", "user in the authority" },
        { ":method=GET|:scheme=ftp|:authority=a|:path=/", "unknown scheme" },
        { ":method=GET|:scheme=https|:authority=a|:path=/", "https on a plain connection" },
    };

    [Theory]
    [MemberData(nameof(Http2Heads))]
    public async Task Http2_request_with_a_malformed_head_is_refused(string fields, string what)
    {
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        var reply = await client.ExchangeAsync(1, fields.Split('|').Select(field => field.LastIndexOf('=') is var at ? (field[..at], field[(at + 1)..]) : default));

        Assert.True(reply.IsCut || reply.Status is 400, $"{what}: {reply}");
    }

    [Theory]
    [InlineData("b")]
    [InlineData("b", "c")]
    [InlineData("a", "a")]
    public async Task Host_of_http2_that_is_not_the_authority_is_refused(params string[] hosts)
    {
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        var reply = await client.ExchangeAsync(1, RawHttp2Client.Request(authority: "a", more: [.. hosts.Select(host => ("host", host))]));

        Assert.Equal(400, reply.Status);
    }

    [Theory]
    [InlineData("Connection: close, X-Own\r\n", "X-Own")]
    [InlineData("Connection: keep-alive\r\nConnection: X-Own\r\n", "X-Own")]
    [InlineData("Connection: X-Own\r\nConnection: close\r\n", "X-Own")]
    [InlineData("Connection: X-Own\r\n", "X-Own")]
    public async Task Fields_that_connection_names_are_known_to_the_application(string field, string name)
    {
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: a\r\n{field}X-Own: 1\r\n\r\n");
        var response = await client.ReadResponseAsync();

        Assert.StartsWith("HTTP/1.1 200", response, StringComparison.Ordinal);
        Assert.Contains(name, response[response.IndexOf("Connection=", StringComparison.Ordinal)..].Split('&')[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("te", "trailers")]
    [InlineData("cookie", "a=b")]
    [InlineData("x", "a\tb")]
    [InlineData("x", "")]
    [InlineData("host", "localhost")]
    [InlineData("content-length", "0")]
    [InlineData("expect", "100-continue")]
    public async Task Http2_request_within_the_rules_passes(string name, string value)
    {
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);

        Assert.Equal(200, (await client.ExchangeAsync(1, RawHttp2Client.Request(more: [(name, value)]))).Status);
    }

    [Theory]
    [InlineData("Host: b", "Host")]
    [InlineData("Content-Length: 3", "Content-Length")]
    [InlineData("Authorization: Basic eA==", "Authorization")]
    [InlineData("X(: b", "no token")]
    [InlineData("X: a\x01b", "control character")]
    [InlineData("Portcullis-Subject: admin", "our own field")]
    [InlineData("No colon", "no colon")]
    [InlineData("X: a\n y", "bare LF and fold")]
    public async Task Http1_trailer_that_breaks_a_rule_is_refused(string trailer, string what)
    {
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n{trailer}\r\n\r\n");

        Assert.True((await client.ReadResponseAsync()).StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), what);
    }

    [Theory]
    [InlineData("x", "a\r\nb: c", true)]
    [InlineData("x\r\ny", "b", true)]
    [InlineData("X", "b", true)]
    [InlineData("x y", "b", true)]
    [InlineData(":path", "/", true)]
    [InlineData("content-length", "3", true)]
    [InlineData("grpc-status", "0", false)]
    public async Task Http2_trailers_are_held_to_the_same_rules(string name, string value, bool refused)
    {
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST"), endStream: false);
        await client.SendDataAsync(1, "abc"u8.ToArray());
        await client.SendHeadersAsync(1, [(name, value)]);
        var reply = await client.ReadReplyAsync(1);

        Assert.True(refused == (reply.IsCut || reply.Status == 400), reply.ToString());
    }

    private static async Task CheckAsync(IFeatureCollection context)
    {
        var request = context.GetRequiredFeature<IHttpRequestFeature>();
        var defect = RequestHeaderRules.Check(request.Headers, request.Protocol) ?? TargetDefect(context);
        if (defect is null)
        {
            try
            {
                await request.Body.CopyToAsync(Stream.Null);
            }
            catch (Microsoft.AspNetCore.Http.BadHttpRequestException exception)
            {
                defect = new RequestDefect(exception.StatusCode, exception.Message);
            }
        }

        if (defect is null && context.Get<IHttpRequestTrailersFeature>() is { Available: true } trailers) defect = RequestHeaderRules.CheckTrailers(trailers.Trailers);
        context.GetRequiredFeature<IHttpResponseFeature>().StatusCode = defect?.Status ?? 200;
        await EchoApplication.AnswerAsync(context, defect?.Cause ?? $"{request.Method} {request.Scheme} {request.RawTarget} {string.Join('&', request.Headers.Select(field => $"{field.Key}={field.Value}"))}");
    }

    private static RequestDefect? TargetDefect(IFeatureCollection context)
    {
        var exchange = new Exchange();
        exchange.Begin(context);
        var verdict = TargetReading.Read(exchange, EncodedSlashes.Refuse);
        return verdict.IsRefusal ? new RequestDefect(verdict.Code.Status, verdict.Cause!) : null;
    }
}
