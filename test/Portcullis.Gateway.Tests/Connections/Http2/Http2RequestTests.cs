using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Tests.Connections.Http1;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Connections.Http2;

/// <summary>What an application sees of a request over HTTP/2, and what a client sees that waits for 100 (Continue) or connects to a protocol.</summary>
public sealed class Http2RequestTests
{
    /// <summary>RFC 9113 §8.2.3, §8.3.1.</summary>
    [Fact]
    public async Task Authority_is_the_host_and_cookies_in_pieces_are_one()
    {
        var text = await EchoFieldsAsync(("cookie", "a=b"), ("x", "1"), ("cookie", "c=d"), ("host", "LOCALHOST"), ("x", "2"), ("cookie", "e=f"), ("te", "trailers"));

        Assert.Equal("cookie=a=b; c=d; e=f\nhost=LOCALHOST\nte=trailers\nx=1,2\n", text);
    }

    [Fact]
    public async Task Next_request_sees_nothing_of_the_one_before()
    {
        await using var listener = await Answer.ListenAsync(FieldsAsync);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        var first = await client.ExchangeAsync(1, RawHttp2Client.Request(more: [("cookie", "a=b"), ("x-own", "secret"), ("content-length", "0")]));
        var second = await client.ExchangeAsync(3, RawHttp2Client.Request(authority: "other"));
        var third = await client.ExchangeAsync(5, RawHttp2Client.Request().Where(field => field.Name != ":authority").Append(("host", "by-host")));

        Assert.Equal("content-length=0\ncookie=a=b\nhost=localhost\nx-own=secret\n", first.Text);
        Assert.Equal("host=other\n", second.Text);
        Assert.Equal("host=by-host\n", third.Text);
    }

    [Theory]
    [InlineData("body")]
    [InlineData("")]
    public async Task Trailers_are_there_behind_the_body(string body)
    {
        using var arrived = new SemaphoreSlim(0);
        await using var listener = await Answer.ListenAsync(async context =>
        {
            var request = context.GetRequiredFeature<IHttpRequestFeature>();
            var trailers = context.GetRequiredFeature<IHttpRequestTrailersFeature>();
            var wasThere = trailers.Available;
            arrived.Release();
            using var reader = new StreamReader(request.Body);
            var text = await reader.ReadToEndAsync();
            context.Write($"{wasThere} {text} {trailers.Available} {trailers.Trailers["X-Check"]} {request.Headers.ContainsKey("X-Check")}");
        });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        foreach (var (stream, check) in ((int, string)[])[(1, "sum"), (3, "")])
        {
            await client.SendHeadersAsync(stream, RawHttp2Client.Request("POST"), endStream: false);
            Assert.True(await arrived.WaitAsync(Eventually.Patience));
            await client.SendDataAsync(stream, Encoding.ASCII.GetBytes(body), endStream: check.Length == 0);
            if (check.Length > 0) await client.SendHeadersAsync(stream, [("x-check", check)]);

            Assert.Equal($"False {body} True {check} False", (await client.ReadReplyAsync(stream)).Text);
        }
    }

    /// <summary>RFC 9110 §10.1.1: told once somebody waits for the body, and never behind the response.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Client_is_told_to_go_on_where_somebody_wants_its_body(bool isWanted)
    {
        await using var listener = await Answer.ListenAsync(context => isWanted ? EchoApplication.EchoAsync(context) : EchoApplication.AnswerAsync(context, "no"));
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST", more: ("expect", "100-continue")), endStream: false);
        var first = (await client.ReadUntilAsync(frame => frame.Type == Http2FrameType.Headers))[^1];
        Assert.Contains((":status", isWanted ? "100" : "200"), PlainHpack.Decode(first.Payload));
        if (!isWanted)
        {
            var rest = await client.ReadUntilAsync(frame => frame.Type == Http2FrameType.RstStream);
            Assert.DoesNotContain(rest, frame => frame.Type == Http2FrameType.Headers);
            return;
        }

        Assert.Equal((Http2Frame.EndHeaders, 1), (first.Flags, PlainHpack.Decode(first.Payload).Count));
        await client.SendDataAsync(1, "abc"u8.ToArray(), endStream: true);
        var frames = await client.ReadStreamAsync(1);
        Assert.Single(frames, frame => frame.Type == Http2FrameType.Headers);
        Assert.EndsWith("body=3", Encoding.ASCII.GetString(frames[^1].Payload), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_whose_body_has_come_is_not_told_to_go_on()
    {
        await using var listener = await Answer.ListenAsync(EchoApplication.EchoAsync);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendAsync([.. RawHttp2Client.Headers(1, RawHttp2Client.Request("POST", more: ("expect", "100-continue")), endStream: false), .. RawHttp2Client.Data(1, "abc"u8, endStream: true)]);

        Assert.Single(await client.ReadStreamAsync(1), frame => frame.Type == Http2FrameType.Headers);
    }

    /// <summary>RFC 8441 §4, §5: each half ends by itself.</summary>
    [Theory]
    [InlineData("client")]
    [InlineData("server")]
    public async Task Extended_connect_carries_octets_both_ways_until_each_half_ends(string first)
    {
        var heard = new TaskCompletionSource<string>();
        await using var listener = await Answer.ListenAsync(async context =>
        {
            var connect = context.GetRequiredFeature<IHttpExtendedConnectFeature>();
            Assert.Equal("chat", connect.Protocol);
            await using var stream = await connect.AcceptAsync();
            await stream.WriteAsync("hello"u8.ToArray());
            var said = first == "client" ? await HearAsync(stream) : string.Empty;
            await stream.WriteAsync(Encoding.ASCII.GetBytes($" bye{said}"));
            if (first == "server") await context.GetRequiredFeature<IHttpResponseBodyFeature>().CompleteAsync();
            heard.TrySetResult(first == "client" ? said : "not asked");
        });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("CONNECT", "/chat", "localhost", (":protocol", "chat")), endStream: false);
        var head = await client.ReadUntilAsync(frame => frame is { Type: Http2FrameType.Data, Payload.Length: > 0 });
        var fields = PlainHpack.Decode(head[^2].Payload);
        Assert.Contains((":status", "200"), fields);
        Assert.DoesNotContain(fields, field => field.Name == "content-length");
        Assert.Equal("hello", Encoding.ASCII.GetString(head[^1].Payload));

        if (first == "client")
        {
            await client.SendDataAsync(1, "one "u8.ToArray());
            await client.SendDataAsync(1, "two"u8.ToArray());
            await client.SendDataAsync(1, [], endStream: true);
        }

        var rest = await client.ReadStreamAsync(1);
        Assert.Equal(first == "client" ? " byeone two" : " bye", string.Concat(rest.Select(frame => Encoding.ASCII.GetString(frame.Payload))));
        Assert.Equal(first == "client" ? "one two" : "not asked", await heard.Task.WithPatience());
    }

    [Fact]
    public async Task Extended_connect_ends_for_the_application_with_the_clients_reset()
    {
        var seen = new TaskCompletionSource<Exception?>();
        await using var listener = await Answer.ListenAsync(async context =>
        {
            await using var stream = await context.GetRequiredFeature<IHttpExtendedConnectFeature>().AcceptAsync();
            seen.TrySetResult(await Record.ExceptionAsync(() => HearAsync(stream)));
        });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        await client.SendHeadersAsync(1, RawHttp2Client.Request("CONNECT", "/chat", "localhost", (":protocol", "chat")), endStream: false);
        await client.SendDataAsync(1, "one"u8.ToArray());
        await client.ReadUntilAsync(frame => frame.Type == Http2FrameType.Headers);
        await client.ResetAsync(1);

        Assert.IsAssignableFrom<IOException>(await seen.Task.WithPatience());
    }

    [Fact]
    public async Task Extended_connect_is_one_and_a_usual_request_is_none()
    {
        await using var listener = await Answer.ListenAsync(static async context =>
        {
            var feature = context.GetRequiredFeature<IHttpExtendedConnectFeature>();
            var isRefused = feature.IsExtendedConnect || await Record.ExceptionAsync(async () => await feature.AcceptAsync()) is InvalidOperationException;
            context.Write($"{feature.IsExtendedConnect} {feature.Protocol} {isRefused}");
        });
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);

        Assert.Equal("False  True", (await client.ExchangeAsync(1, RawHttp2Client.Request())).Text);
        Assert.Equal("True chat True", (await client.ExchangeAsync(3, RawHttp2Client.Request("CONNECT", "/", "localhost", (":protocol", "chat")))).Text);
        Assert.Equal("False  True", (await client.ExchangeAsync(5, [(":method", "CONNECT"), (":authority", "a:80")])).Text);
    }

    private static async Task<string> HearAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        return await reader.ReadToEndAsync();
    }

    private static async Task<string> EchoFieldsAsync(params (string, string)[] fields)
    {
        await using var listener = await Answer.ListenAsync(FieldsAsync);
        await using var client = await RawHttp2Client.ConnectAsync(listener.EndPoint);
        return (await client.ExchangeAsync(1, RawHttp2Client.Request(more: fields))).Text;
    }

    private static Task FieldsAsync(IFeatureCollection context)
    {
        foreach (var (name, values) in context.GetRequiredFeature<IHttpRequestFeature>().Headers.OrderBy(field => field.Key, StringComparer.OrdinalIgnoreCase))
            context.Write($"{name.ToLowerInvariant()}={values}\n");
        return Task.CompletedTask;
    }
}
