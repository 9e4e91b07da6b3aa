using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Portcullis.Gateway.Tests.Hosting;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Policies.Waf;

public sealed class BodyTests
{
    [Theory]
    [InlineData(1, 100_000, false)]
    [InlineData(1, 100_000, true)]
    [InlineData(2, 100_000, false)]
    [InlineData(2, 100_000, true)]
    [InlineData(1, 1 << 20, true)]
    [InlineData(1, 0, false)]
    public async Task A_body_goes_on_octet_by_octet_as_it_came(int version, int length, bool isChunked)
    {
        await using var waf = await WafGateway.StartAsync();
        using var client = waf.Gateway.Client(new Version(version, version == 1 ? 1 : 0));
        var body = new byte[length];
        new Random(1).NextBytes(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, waf.Gateway.Address("/", "secure")) { Version = new(version, version == 1 ? 1 : 0), Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = isChunked && version == 1;
        if (isChunked) request.Content.Headers.ContentLength = null;

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(body, Encoding.Latin1.GetBytes(Assert.Single(waf.Upstream).Body));
        Assert.Equal("""{"mode":"block","score":0,"rules":[]}""", (await waf.WafAsync()).GetRawText());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_is_longer_than_is_inspected_is_refused(bool isStated)
    {
        await using var waf = await WafGateway.StartAsync("{ bodyLimit: 1KiB }");
        using var client = waf.Gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, waf.Gateway.Address()) { Content = new StringContent(new string('a', 1025)) };
        request.Headers.TransferEncodingChunked = !isStated;

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("request.too_large", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(waf.Upstream);
    }

    [Fact]
    public async Task A_stated_length_beyond_the_limit_is_refused_before_the_client_is_told_to_send()
    {
        await using var waf = await WafGateway.StartAsync("{ bodyLimit: 1KiB }");

        var answer = await RawHttp.SendAsync(waf.Gateway.EndPoint(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ bodyLimit: 1KiB, beyondBodyLimit: inspectPart }")]
    [InlineData("{ bodyLimit: 1KiB, mode: detect }")]
    public async Task Where_part_is_enough_the_rest_passes_and_the_log_says_so(string policy)
    {
        await using var waf = await WafGateway.StartAsync(policy);
        using var client = waf.Gateway.Client();
        var body = new string('a', 5000) + "bodyattack";

        using var response = await client.PostAsync(waf.Gateway.Address(), new StringContent(body));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(body, Assert.Single(waf.Upstream).Body);
        Assert.Equal("""{"bytes":1024,"of":5010,"reason":"limit"}""", (await waf.WafAsync()).GetProperty("inspectedBytes").GetRawText());
    }

    [Fact]
    public async Task An_attack_within_the_part_is_refused()
    {
        await using var waf = await WafGateway.StartAsync("{ bodyLimit: 1KiB, beyondBodyLimit: inspectPart }");
        using var client = waf.Gateway.Client();

        using var response = await client.PostAsync(waf.Gateway.Address(), new StringContent("bodyattack" + new string('a', 500_000)));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(waf.Upstream);
    }

    [Fact]
    public async Task A_client_that_waits_for_100_gets_it_and_its_body_is_inspected()
    {
        await using var waf = await WafGateway.StartAsync();
        using var client = waf.Gateway.Client();
        using var harmless = new HttpRequestMessage(HttpMethod.Post, waf.Gateway.Address()) { Content = new StringContent("fine") };
        using var attack = new HttpRequestMessage(HttpMethod.Post, waf.Gateway.Address()) { Content = new StringContent("bodyattack") };
        harmless.Headers.ExpectContinue = attack.Headers.ExpectContinue = true;

        using var passed = await client.SendAsync(harmless);
        using var refused = await client.SendAsync(attack);

        Assert.Equal(HttpStatusCode.OK, passed.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("fine", Assert.Single(waf.Upstream).Body);
    }

    [Theory]
    [InlineData("Content-Length: 100\r\n\r\nabc")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")]
    public async Task A_client_that_falls_silent_within_its_body_is_not_waited_for_any_longer(string rest)
    {
        await using var waf = await WafGateway.StartAsync();

        var answer = await RawHttp.SendAsync(waf.Gateway.EndPoint(), "POST / HTTP/1.1\r\nHost: a\r\n" + rest);

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Empty(waf.Upstream);
    }

    [Fact]
    public async Task A_client_that_goes_within_its_body_leaves_nothing_behind()
    {
        await using var waf = await WafGateway.StartAsync();
        using (var socket = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            await socket.ConnectAsync(waf.Gateway.EndPoint());
            await socket.SendAsync(Encoding.Latin1.GetBytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + new string('a', 50_000)));
            await Eventually.HoldsAsync(() => waf.Gateway.Host.State.Rules.Bodies.Used > 0, "the body is being read");
        }

        await Eventually.HoldsAsync(() => waf.Gateway.Host.State.Rules.Bodies.Used == 0, "its memory is given back");
        Assert.Equal("request.aborted", (await waf.Gateway.DecisionsAsync(1))[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task Bodies_that_there_is_no_memory_for_are_answered_503()
    {
        await using var waf = await WafGateway.StartAsync("{ bodyLimit: 8MiB }", "bodyMemory: 1MiB");
        using var client = waf.Gateway.Client();

        // No more than is read before there is no memory: what is on its way when a connection closes can undo the answer.
        var large = await RawHttp.SendAsync(waf.Gateway.EndPoint(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n" + new string('a', (1 << 20) + 1));
        using var small = await client.PostAsync(waf.Gateway.Address(), new StringContent("a"));

        Assert.StartsWith("HTTP/1.1 503 ", large, StringComparison.Ordinal);
        Assert.Contains("overload.shed", large, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        Assert.Equal("a", Assert.Single(waf.Upstream).Body);
    }

    [Fact]
    public async Task What_the_rules_make_of_a_body_counts_as_memory_until_the_request_is_over()
    {
        var isHeld = new TaskCompletionSource();
        var isSeen = new TaskCompletionSource();
        await using var waf = await WafGateway.StartAsync(answer: async context =>
        {
            isSeen.SetResult();
            await isHeld.Task;
            await context.Response.WriteAsync("ok");
        });
        using var client = waf.Gateway.Client();
        var body = string.Join('&', Enumerable.Range(0, 900).Select(number => $"field{number}={new string('x', 200)}"));
        var memory = waf.Gateway.Host.State.Rules.Bodies;

        var pending = client.PostAsync(waf.Gateway.Address(), new StringContent(body, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded"));
        await isSeen.Task.WithPatience();

        // The body itself, its arguments, and the text of it.
        Assert.InRange(memory.Used, body.Length * 3, body.Length * 16);
        isHeld.SetResult();
        (await pending).Dispose();
        await Eventually.HoldsAsync(() => memory.Used == 0, "the memory is given back");
    }

    [Fact]
    public async Task A_grpc_call_is_answered_before_it_ends_and_the_log_says_that_its_body_was_not_inspected()
    {
        await using var waf = await WafGateway.StartAsync(answer: AnswerAtOnce, protocols: HttpProtocols.Http2, answersFirst: true);
        await using var client = await RawHttp2Client.ConnectAsync(waf.Gateway.EndPoint());

        await client.SendHeadersAsync(1, RawHttp2Client.Request("POST", "/", "localhost", ("content-type", "application/grpc"), ("te", "trailers")), endStream: false);
        var head = await client.ReadUntilAsync(frame => frame is { Type: Http2FrameType.Data, Stream: 1 });
        await client.SendDataAsync(1, [0, 0, 0, 0, 0], endStream: true);

        Assert.Contains(head, frame => frame is { Type: Http2FrameType.Headers, Stream: 1 });
        Assert.Equal("""{"bytes":0,"reason":"stream"}""", (await waf.WafAsync()).GetProperty("inspectedBytes").GetRawText());

        static async Task AnswerAtOnce(HttpContext context)
        {
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            await context.Request.Body.CopyToAsync(Stream.Null);
        }
    }

    [Theory]
    [InlineData(1, "public")]
    [InlineData(2, "public")]
    public async Task A_web_socket_is_opened_by_a_request_that_was_inspected_and_flows(int version, string listener)
    {
        await using var waf = await WafGateway.StartAsync(answer: EchoAsync, answersFirst: true);
        using var patience = new CancellationTokenSource(Eventually.Patience);
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        var buffer = new byte[64];
        using (var socket = Socket())
        {
            await socket.ConnectAsync(new UriBuilder(waf.Gateway.Address("/", listener)) { Scheme = "ws" }.Uri, invoker, patience.Token);
            await socket.SendAsync("bodyattack"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
            var received = await socket.ReceiveAsync(buffer, patience.Token);
            Assert.Equal("bodyattack", Encoding.ASCII.GetString(buffer, 0, received.Count));
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
        }

        using var refused = Socket();
        await Assert.ThrowsAnyAsync<WebSocketException>(() => refused.ConnectAsync(new UriBuilder(waf.Gateway.Address("/?a=bodyattack", listener)) { Scheme = "ws" }.Uri, invoker, patience.Token));

        ClientWebSocket Socket()
        {
            var socket = new ClientWebSocket();
            if (version == 1) return socket;
            socket.Options.HttpVersion = HttpVersion.Version20;
            socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
            return socket;
        }

        static async Task EchoAsync(HttpContext context)
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[64];
            while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
                await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, context.RequestAborted);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        }
    }

    [Fact]
    public async Task Calling_a_body_grpc_keeps_it_from_no_rule_where_no_such_calls_go()
    {
        await using var waf = await WafGateway.StartAsync();
        using var client = waf.Gateway.Client(HttpVersion.Version20);
        using var request = new HttpRequestMessage(HttpMethod.Post, waf.Gateway.Address("/", "secure")) { Version = HttpVersion.Version20, Content = new StringContent("bodyattack") };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }
}
