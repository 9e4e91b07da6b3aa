using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;
using Portcullis.Gateway.Tests.Connections.Http1;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http2;

/// <summary>
/// A malformed request is answered with a problem document that has a request id, and its stream then ends with PROTOCOL_ERROR
/// (RFC 9113 §8.1.1); the connection goes on.
/// </summary>
public sealed class Http2RefusalTests
{
    private const uint ProtocolError = 1;

    private static readonly ListenerLimits Limits = new() { HeaderBytes = 2048, HeaderCount = 10, RequestLineBytes = 1024, BodyBytes = 1000 };

    public static TheoryData<string, string, int> Heads => new()
    {
        { "no method", ":scheme=http|:authority=a|:path=/", 400 },
        { "no path", ":method=GET|:scheme=http|:authority=a", 400 },
        { "empty path", ":method=GET|:scheme=http|:authority=a|:path=", 400 },
        { "no scheme", ":method=GET|:authority=a|:path=/", 400 },
        { "other scheme", ":method=GET|:scheme=https|:authority=a|:path=/", 400 },
        { "pseudo-field twice", ":method=GET|:scheme=http|:scheme=http|:authority=a|:path=/", 400 },
        { "pseudo-field behind a field", ":method=GET|:scheme=http|:authority=a|x=y|:path=/", 400 },
        { "unknown pseudo-field", ":method=GET|:scheme=http|:authority=a|:path=/|:other=x", 400 },
        { "pseudo-field of responses", ":method=GET|:scheme=http|:authority=a|:path=/|:status=200", 400 },
        { "protocol without CONNECT", ":method=GET|:scheme=http|:authority=a|:path=/|:protocol=websocket", 400 },
        { "CONNECT with a path", ":method=CONNECT|:authority=a:80|:path=/", 400 },
        { "CONNECT without an authority", ":method=CONNECT", 400 },
        { "method that is no token", ":method=G T|:scheme=http|:authority=a|:path=/", 400 },
        { "empty authority", ":method=GET|:scheme=http|:authority=|:path=/", 400 },
        { "Host beside another authority", ":method=GET|:scheme=http|:authority=a|:path=/|host=b", 400 },
        { "two Hosts beside the authority", ":method=GET|:scheme=http|:authority=a|:path=/|host=a|host=a", 400 },
        { "upper case", ":method=GET|:scheme=http|:authority=a|:path=/|X=y", 400 },
        { "control character", ":method=GET|:scheme=http|:authority=a|:path=/|x=a\nb", 400 },
        { "space around a value", ":method=GET|:scheme=http|:authority=a|:path=/|x= y", 400 },
        { "two lengths", ":method=GET|:scheme=http|:authority=a|:path=/|content-length=0|content-length=0", 400 },
        { "no length", ":method=GET|:scheme=http|:authority=a|:path=/|content-length=x", 400 },
        { "length without content", ":method=GET|:scheme=http|:authority=a|:path=/|content-length=1", 400 },
        { "long target", ":method=GET|:scheme=http|:authority=a|:path=/{1024}", 414 },
        { "long field", ":method=GET|:scheme=http|:authority=a|:path=/|x={2000}", 431 },
        { "long fields", ":method=GET|:scheme=http|:authority=a|:path=/|x={900}|y={900}|z={900}", 431 },
        { "many fields", ":method=GET|:scheme=http|:authority=a|:path=/|a=|b=|c=|d=|e=|f=|g=|h=|i=|j=|k=", 431 },
    };

    [Theory]
    [MemberData(nameof(Heads))]
    public async Task Malformed_head_is_answered_and_its_stream_reset(string what, string head, int status)
    {
        var application = new EchoApplication();
        await using var listener = await TestListener.StartAsync(TestListener.Plain with { Limits = Limits }, application);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        var fields = head.Split('|').Select(field => (field[..field.IndexOf('=')], Expand(field[(field.IndexOf('=') + 1)..]))).ToList();
        foreach (var (stream, isWhole) in ((int, bool)[])[(1, true), (3, false)])
        {
            if (!isWhole && what == "length without content") continue;
            await client.SendHeadersAsync(stream, fields, endStream: isWhole);
            await AssertRefusedAsync(client, stream, status);
        }

        Assert.Equal(0, application.Requests);
        Assert.Equal(200, (await client.ExchangeAsync(5, RawHttp2Client.Request())).Status);
    }

    [Fact]
    public async Task Limits_admit_what_keeps_to_them()
    {
        await using var listener = await Answer.ListenAsync(EchoApplication.EchoAsync, limits: Limits);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);

        // RFC 9113 §6.5.2: each field counts 32 octets more than it has.
        var longest = 2048 - RawHttp2Client.Request().Sum(field => field.Name.Length + field.Value.Length + 32) - 33;
        Assert.Equal(200, (await client.ExchangeAsync(1, RawHttp2Client.Request(more: ("x", new string('y', longest))))).Status);
        Assert.Equal(431, (await client.ExchangeAsync(3, RawHttp2Client.Request(more: ("x", new string('y', longest + 1))))).Status);
        Assert.Equal(200, (await client.ExchangeAsync(5, RawHttp2Client.Request(path: "/" + new string('y', 1023)))).Status);
        Assert.Equal(200, (await client.ExchangeAsync(7, RawHttp2Client.Request(more: [.. Enumerable.Range(0, 10).Select(i => ($"x{i}", ""))]))).Status);
    }

    [Theory]
    [InlineData("depends on itself", 400)]
    [InlineData("trailers that do not end the stream", 400)]
    [InlineData("pseudo-field in trailers", 400)]
    [InlineData("upper case in trailers", 400)]
    [InlineData("length in trailers", 400)]
    [InlineData("trailers beyond the limit", 431)]
    [InlineData("more content than stated", 400)]
    [InlineData("less content than stated", 400)]
    [InlineData("less content than stated before trailers", 400)]
    public async Task Malformed_message_is_answered_and_its_stream_reset(string what, int status)
    {
        using var arrived = new SemaphoreSlim(0);
        await using var listener = await Answer.ListenAsync(
            async context =>
            {
                var answering = EchoApplication.EchoAsync(context);
                arrived.Release();
                await answering;
            },
            limits: Limits);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        (string, string)[] more = what.Contains("content", StringComparison.Ordinal) ? [("content-length", "3")] : [];
        var head = RawHttp2Client.Request("POST", more: more);
        if (what == "depends on itself") await client.SendFrameAsync(Http2FrameType.Headers, Http2Frame.Priority | Http2Frame.EndHeaders, 1, [0, 0, 0, 1, 0, .. PlainHpack.Encode(head)]);
        else await client.SendHeadersAsync(1, head, endStream: false);

        // The application waits for the body by now, and goes on within what the frames do.
        if (what != "depends on itself") Assert.True(await arrived.WaitAsync(Eventually.Patience));
        await client.SendAsync(what switch
        {
            "depends on itself" => [],
            "trailers that do not end the stream" => RawHttp2Client.Headers(1, [("x", "y")], endStream: false),
            "pseudo-field in trailers" => RawHttp2Client.Headers(1, [(":path", "/")]),
            "upper case in trailers" => RawHttp2Client.Headers(1, [("X", "y")]),
            "length in trailers" => RawHttp2Client.Headers(1, [("content-length", "0")]),
            "trailers beyond the limit" => RawHttp2Client.Headers(1, [("x", new string('y', 2048))]),
            "more content than stated" => RawHttp2Client.Data(1, "abcd"u8),
            "less content than stated" => RawHttp2Client.Data(1, "ab"u8, endStream: true),
            _ => [.. RawHttp2Client.Data(1, "ab"u8), .. RawHttp2Client.Headers(1, [("x", "y")])],
        });

        await AssertRefusedAsync(client, 1, status);
        Assert.Equal(200, (await client.ExchangeAsync(3, RawHttp2Client.Request())).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_beyond_the_limit_is_answered_413_and_the_rest_not_wanted(bool isStated)
    {
        await using var listener = await Answer.ListenAsync(EchoApplication.EchoAsync, limits: Limits);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST", more: isStated ? [("content-length", "1001")] : []), endStream: false);
        if (!isStated) await client.SendDataAsync(1, new byte[1001]);

        await AssertRefusedAsync(client, 1, 413, code: 0);
        Assert.Equal(200, (await client.ExchangeAsync(3, RawHttp2Client.Request())).Status);
    }

    [Fact]
    public async Task Refusal_of_a_head_request_has_no_body()
    {
        await using var listener = await Answer.ListenAsync(EchoApplication.EchoAsync);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        var reply = await client.ExchangeAsync(1, RawHttp2Client.Request("HEAD", more: ("X", "y")));

        Assert.Equal((400, ""), (reply.Status, reply.Text));
        Assert.Equal(ProtocolError, (await client.ReadUntilAsync(frame => frame.Type == Http2FrameType.RstStream))[^1].Number);
    }

    [Fact]
    public async Task Application_sees_a_broken_body_as_such_and_may_answer_itself()
    {
        var seen = new TaskCompletionSource<Exception?>();
        await using var listener = await Answer.ListenAsync(async context =>
        {
            seen.TrySetResult(await Record.ExceptionAsync(() => context.GetRequiredFeature<IHttpRequestFeature>().Body.CopyToAsync(Stream.Null)));
            context.Response().StatusCode = 422;
        });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST", more: ("content-length", "3")), endStream: false);
        await client.SendDataAsync(1, "abcd"u8.ToArray());
        var reply = await client.ReadReplyAsync(1);

        Assert.Equal(422, reply.Status);
        Assert.Equal(400, Assert.IsType<Microsoft.AspNetCore.Http.BadHttpRequestException>(await seen.Task.WithPatience()).StatusCode);
        Assert.Equal(ProtocolError, (await client.ReadUntilAsync(frame => frame.Type == Http2FrameType.RstStream))[^1].Number);
    }

    private static async Task AssertRefusedAsync(RawHttp2Client client, int stream, int status, uint code = ProtocolError)
    {
        var reply = await client.ReadReplyAsync(stream);
        Assert.Equal(status, reply.Status);
        Assert.Equal("application/problem+json", reply["content-type"]);
        Assert.Equal("no-store", reply["cache-control"]);
        Assert.Equal($"{reply.Body.Length}", reply["content-length"]);
        using var problem = JsonDocument.Parse(reply.Body);
        Assert.Equal(reply["x-request-id"], problem.RootElement.GetProperty("requestId").GetString());
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());

        var reset = (await client.ReadUntilAsync(static frame => frame.Type == Http2FrameType.RstStream))[^1];
        Assert.Equal((stream, code), (reset.Stream, reset.Number));
    }

    private static string Expand(string value)
    {
        var open = value.IndexOf('{');
        return open < 0 ? value : value[..open] + new string('x', int.Parse(value[(open + 1)..^1]));
    }
}
