using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Tests.Connections;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>What a client and an upstream see of each other through the gateway.</summary>
public sealed class ForwardingTests
{
    // What other proxies tell upstreams, of the client and of what it asked for.
    private static readonly string[] Claims =
    [
        "Client-Cert", "Client-Cert-Chain", "X-SSL-Client-CN", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "X-Remote-User",
        "X-Original-URL", "X_Original_URL", "X-Rewrite-URL", "X-Original-Host", "Portcullis-Subject", "Portcullis_Subject", "Portcullis_Permissions",
        "Portcullis.Subject", "X.Forwarded~For", "X!Real-IP", "Proxy",
    ];

    public static TheoryData<TransportKind> All => Transports.All;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Bodies_of_a_megabyte_pass_unchanged_both_ways(TransportKind kind)
    {
        await using var upstream = await kind.UpstreamAsync(static context => context.Request.Body.CopyToAsync(context.Response.Body));
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(upstream.Address));
        var octets = RandomNumberGenerator.GetBytes(1 << 20);
        using var known = await gateway.Client.PostAsync("/", new ByteArrayContent(octets));
        Assert.Equal(octets, await known.Content.ReadAsByteArrayAsync());
        using var chunked = await gateway.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/")
        {
            Content = new StreamContent(new MemoryStream(octets)),
            Headers = { TransferEncodingChunked = true },
        });
        Assert.Equal(octets, await chunked.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Upstream_learns_of_the_client_from_the_gateway_alone(TransportKind kind)
    {
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        await using var upstream = await kind.UpstreamAsync(context =>
        {
            foreach (var (name, value) in context.Request.Headers) seen[name] = value.ToString();
            return Task.CompletedTask;
        });
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(upstream.Address));
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint);
        await client.SendAsync(
            "GET /a?b=c HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Port: 1\r\n"
            + string.Concat(Claims.Select(name => name + ": me\r\n")) + "Forwarded: for=9.9.9.9\r\nX-Real-IP: 9.9.9.9\r\nX_Forwarded_For: 9.9.9.9\r\nX_Real_IP: 9.9.9.9\r\nX-Request-Id: mine\r\nAuthorization: Bearer x\r\nVia: 1.0 proxy\r\nX-Kept: yes\r\n"
            + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal("127.0.0.1", seen["X-Forwarded-For"]);
        Assert.Equal("http", seen["X-Forwarded-Proto"]);
        Assert.Equal("shop.example", seen["X-Forwarded-Host"]);
        Assert.Equal("shop.example", seen["Host"]);
        Assert.Equal("yes", seen["X-Kept"]);
        Assert.Equal(32, seen["X-Request-Id"].Length);
        Assert.Contains("1.1 portcullis", seen["Via"], StringComparison.Ordinal);
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", seen["traceparent"], StringComparison.Ordinal);
        foreach (var name in Claims) Assert.False(seen.ContainsKey(name), name);
        foreach (var name in new[] { "X-Forwarded-Port", "Forwarded", "X-Real-IP", "X_Forwarded_For", "X_Real_IP", "Authorization", "Portcullis-Subject", "Connection" })
        {
            Assert.False(seen.ContainsKey(name), name);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Host_of_the_destination_is_sent_where_the_cluster_says_so(TransportKind kind)
    {
        await using var upstream = await kind.UpstreamAsync(static context => context.Response.WriteAsync(context.Request.Host.Value!));
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(upstream.Address) with { PreserveHost = false });
        Assert.Equal(upstream.Address.Authority, await gateway.Client.GetStringAsync("/"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Head_has_the_length_and_no_body(TransportKind kind)
    {
        await using var upstream = await kind.UpstreamAsync(static context =>
        {
            context.Response.ContentLength = 1234;
            return Task.CompletedTask;
        });
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(upstream.Address));
        for (var i = 0; i < 3; i++)
        {
            using var response = await gateway.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/"));
            Assert.Equal(1234, response.Content.Headers.ContentLength);
            Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Several_fields_of_one_name_stay_several(TransportKind kind)
    {
        await using var upstream = await kind.UpstreamAsync(static context =>
        {
            context.Response.Headers.SetCookie = new[] { "a=1", "b=2" };
            return context.Response.WriteAsync(context.Request.Headers["X-Many"].Count.ToString());
        });
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(upstream.Address));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("X-Many", ["1", "2"]);
        using var response = await gateway.Client.SendAsync(request);
        Assert.Equal(["a=1", "b=2"], response.Headers.GetValues("Set-Cookie"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Events_arrive_while_the_stream_is_open(TransportKind kind)
    {
        var more = new TaskCompletionSource();
        await using var upstream = await kind.UpstreamAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync();
            await more.Task;
            await context.Response.WriteAsync("data: 1\n\n");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(upstream.Address));
        using var response = await gateway.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        more.SetResult();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("data: 1", await reader.ReadLineAsync().WithPatience());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Client_that_goes_before_the_head_cancels_the_upstream(TransportKind kind)
    {
        var arrived = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var upstream = await kind.UpstreamAsync(async context =>
        {
            context.RequestAborted.Register(() => cancelled.TrySetResult());
            arrived.SetResult();
            await cancelled.Task;
        });
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(upstream.Address));
        using var leave = new CancellationTokenSource();
        var pending = gateway.Client.GetAsync("/", leave.Token);
        await arrived.Task.WithPatience();
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        await cancelled.Task.WithPatience();
        await Eventually.HoldsAsync(() => gateway.Destination().InFlight == 0, "the try ends");
        Assert.Equal(0, gateway.Destination().Failures);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Client_that_goes_within_the_body_cancels_the_upstream(TransportKind kind)
    {
        var cancelled = new TaskCompletionSource();
        await using var upstream = await kind.UpstreamAsync(async context =>
        {
            context.RequestAborted.Register(() => cancelled.TrySetResult());
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            await cancelled.Task;
        });
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(upstream.Address));
        var response = await gateway.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        await (await response.Content.ReadAsStreamAsync()).ReadExactlyAsync(new byte[5]);
        response.Dispose();
        await cancelled.Task.WithPatience();
        await Eventually.HoldsAsync(() => gateway.Destination().InFlight == 0, "the try ends");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Upstream_that_aborts_within_the_body_is_not_answered_as_complete(TransportKind kind)
    {
        await using var upstream = await kind.UpstreamAsync(static async context =>
        {
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(upstream.Address));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => gateway.Client.GetStringAsync("/"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Expectation_is_met_only_when_the_upstream_wants_the_body(TransportKind kind)
    {
        await using var upstream = await kind.UpstreamAsync(static async context =>
        {
            if (context.Request.Path == "/no") context.Response.StatusCode = 417;
            else await context.Request.Body.CopyToAsync(context.Response.Body);
        });
        await using var gateway = await ForwardingBench.StartAsync(kind, ForwardingBench.Cluster(upstream.Address));
        await using (var client = await RawConnection.OpenAsync(gateway.EndPoint))
        {
            await client.SendAsync("POST /yes HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 100", await client.ReadResponseAsync(), StringComparison.Ordinal);
            await client.SendAsync("ok");
            Assert.StartsWith("HTTP/1.1 200", await client.ReadResponseAsync(), StringComparison.Ordinal);
        }

        await using (var client = await RawConnection.OpenAsync(gateway.EndPoint))
        {
            // Long enough for SocketsHttpHandler, which sends up to 1 KiB even so to keep its connection.
            await client.SendAsync("POST /no HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 417", await client.ReadResponseAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Streams_run_in_both_directions_at_once()
    {
        await using var upstream = await TransportKind.Http2.UpstreamAsync(static async context =>
        {
            await context.Response.Body.FlushAsync();
            var buffer = new byte[64];
            int read;
            while ((read = await context.Request.Body.ReadAsync(buffer)) > 0)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read));
                await context.Response.Body.FlushAsync();
            }

            context.Response.AppendTrailer("grpc-status", "0");
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, ForwardingBench.Cluster(upstream.Address));
        var content = new DuplexContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
        using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WithPatience();
        await using var answers = await response.Content.ReadAsStreamAsync();
        for (var i = 0; i < 5; i++)
        {
            await content.SendAsync($"ping{i}");
            var answer = new byte[5];
            await answers.ReadExactlyAsync(answer).AsTask().WithPatience();
            Assert.Equal($"ping{i}", Encoding.ASCII.GetString(answer));
        }

        content.End();
        Assert.Equal(0, await answers.ReadAsync(new byte[1]).AsTask().WithPatience());
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task Affinity_cookie_keeps_a_client_on_its_destination()
    {
        await using var first = await TransportKind.Http1.UpstreamAsync(static context => context.Response.WriteAsync("first"));
        await using var second = await TransportKind.Http1.UpstreamAsync(static context => context.Response.WriteAsync("second"));
        var cluster = ForwardingBench.Cluster(first.Address, second.Address) with { Affinity = new AffinityOptions { Cookie = "stay" }, Balance = Balance.RoundRobin };
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, cluster, isTls: true);
        using var response = await gateway.Client.GetAsync("/");
        var body = await response.Content.ReadAsStringAsync();
        var cookie = response.Headers.GetValues("Set-Cookie").Single();
        Assert.EndsWith("; Path=/; HttpOnly; SameSite=Lax; Secure", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", cookie, StringComparison.Ordinal);
        for (var i = 0; i < 10; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.Add("Cookie", "other=1; " + cookie[..cookie.IndexOf(';', StringComparison.Ordinal)]);
            using var again = await gateway.Client.SendAsync(request);
            Assert.Equal(body, await again.Content.ReadAsStringAsync());
            Assert.False(again.Headers.Contains("Set-Cookie"));
        }
    }

    [Fact]
    public async Task Full_destination_is_503()
    {
        var release = new TaskCompletionSource();
        await using var upstream = await TransportKind.Http1.UpstreamAsync(_ => release.Task);
        var cluster = ForwardingBench.Cluster(upstream.Address) with { Connections = new ConnectionOptions { Maximum = 1, Queue = 0 }, Retries = 0 };
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, cluster);
        var first = gateway.Client.GetAsync("/");
        await Eventually.HoldsAsync(() => gateway.Destination().InFlight == 1, "the first is under way");
        using var second = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
        release.SetResult();
        using var ended = await first;
        Assert.Equal(HttpStatusCode.OK, ended.StatusCode);
    }

    private sealed class DuplexContent : HttpContent
    {
        private readonly TaskCompletionSource<Stream> opened = new();
        private readonly TaskCompletionSource ended = new();

        public async Task SendAsync(string text)
        {
            var stream = await opened.Task;
            await stream.WriteAsync(Encoding.ASCII.GetBytes(text));
            await stream.FlushAsync();
        }

        public void End() => ended.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            opened.SetResult(stream);
            await ended.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
