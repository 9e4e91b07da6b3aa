using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Forwarding.Http1;
using Portcullis.Gateway.Tests.Hosting;
using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>Trailer fields through the whole gateway, both ways: what has a place there passes, framing, routing and credentials do not (RFC 9110 §6.5.1).</summary>
public sealed class TrailerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Trailers_of_a_client_reach_an_http1_upstream(bool clientSpeaksHttp2)
    {
        var seen = new TaskCompletionSource<string>();
        await using var upstream = new RawServer(async peer =>
        {
            var head = await peer.ReadHeadAsync();
            Assert.Contains("Transfer-Encoding: chunked\r\n", head, StringComparison.Ordinal);
            seen.SetResult(await peer.ReadChunkedAsync());
            await peer.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(new Uri($"http://127.0.0.1:{upstream.Port}")));
        if (clientSpeaksHttp2)
        {
            await using var client = await RawHttp2Client.ConnectAsync(gateway.EndPoint);
            await client.SendHeadersAsync(1, RawHttp2Client.Request("POST", "/", "a.example"), endStream: false);
            await client.SendDataAsync(1, "hello"u8.ToArray());
            await client.SendHeadersAsync(1, [("x-checksum", "42")]);
            Assert.Equal(200, (await client.ReadReplyAsync(1)).Status);
        }
        else
        {
            await using var client = await RawConnection.OpenAsync(gateway.EndPoint);
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Checksum: 42\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await client.ReadResponseAsync(), StringComparison.Ordinal);
        }

        var body = await seen.Task.WithPatience();
        Assert.StartsWith("5\r\nhello\r\n", body, StringComparison.Ordinal);
        Assert.EndsWith("0\r\nx-checksum: 42\r\n\r\n", body, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Content-Length: 3")]
    [InlineData("Host: other.example")]
    [InlineData("Authorization: Bearer x")]
    [InlineData("Portcullis-Subject: root")]
    [InlineData("X-Forwarded-For: 203.0.113.7")]
    [InlineData("Bad Name: x")]
    public async Task Trailer_that_has_no_place_there_is_400_and_the_upstream_sees_no_complete_request(string trailer)
    {
        var ended = new TaskCompletionSource<bool>();
        await using var upstream = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            try
            {
                await peer.ReadChunkedAsync();
                ended.SetResult(true);
            }
            catch (IOException)
            {
                ended.SetResult(false);
            }
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(new Uri($"http://127.0.0.1:{upstream.Port}")));
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        await Eventually.HoldsAsync(() => upstream.Open == 1, "the request arrives");
        await client.SendAsync($"0\r\n{trailer}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.False(await ended.Task.WithPatience());
    }

    [Fact]
    public async Task Trailers_of_an_http2_upstream_reach_an_http2_client()
    {
        await using var upstream = await TransportKind.Http2.UpstreamAsync(static async context =>
        {
            await context.Response.WriteAsync("body");
            var trailers = context.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
            trailers["x-sum"] = "42";
            trailers["grpc-status"] = "0";
            trailers["set-cookie"] = "evil=1";
            trailers["portcullis-subject"] = "root";
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http2, ForwardingBench.Cluster(upstream.Address));
        using var response = await gateway.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact });
        Assert.Equal("body", await response.Content.ReadAsStringAsync());
        Assert.Equal("42", response.TrailingHeaders.GetValues("x-sum").Single());
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.False(response.TrailingHeaders.Contains("set-cookie"));
        Assert.False(response.TrailingHeaders.Contains("portcullis-subject"));
    }

    [Fact]
    public async Task Chunked_trailers_of_an_http1_upstream_reach_an_http2_client_and_an_http1_client_gets_the_body_whole()
    {
        await using var upstream = RawUpstream.Start((connection, _) =>
            connection.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n4\r\nbody\r\n0\r\nX-Sum: 42\r\nContent-Length: 9\r\n\r\n"));
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address));
        using var over2 = await gateway.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact });
        Assert.Equal("body", await over2.Content.ReadAsStringAsync());
        Assert.Equal("42", over2.TrailingHeaders.GetValues("x-sum").Single());
        Assert.False(over2.TrailingHeaders.Contains("content-length"));
        using var over1 = await gateway.Client.GetAsync("/");
        Assert.Equal("body", await over1.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_a_policy_removes_or_sets_in_a_request_comes_in_no_trailer_either()
    {
        var seen = new TaskCompletionSource<string>();
        await using var upstream = new RawServer(async peer =>
        {
            await peer.ReadHeadAsync();
            seen.SetResult(await peer.ReadChunkedAsync());
            await peer.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
        await using var gateway = await StartAsync(
            $"http://127.0.0.1:{upstream.Port}", "transform: { request: { remove: [X-Debug], set: { X-Tenant: blue }, setSecret: { X-Gateway-Auth: hush }, add: { X-Step: b } } }");
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint());
        await client.SendAsync(
            "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Debug: 1\r\nx-tenant: red\r\nX_Tenant: red\r\nX-GATEWAY_AUTH: me\r\nX-Checksum: 42\r\nX-Step: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await client.ReadResponseAsync(), StringComparison.Ordinal);

        Assert.Equal("5\r\nhello\r\n0\r\nX-Checksum: 42\r\nX-Step: a\r\n\r\n", await seen.Task.WithPatience());
    }

    [Fact]
    public async Task What_a_policy_removes_or_sets_in_a_response_comes_in_no_trailer_either()
    {
        await using var upstream = RawUpstream.Start((connection, _) => connection.SendAsync(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-Internal: 1\r\nX-Level: 9\r\nX-Debug: 1\r\nX-Powered-By: x\r\nX-Frame-Options: ALLOWALL\r\n"
            + "Content-Security-Policy: default-src *\r\nStrict-Transport-Security: max-age=0\r\nX-Sum: 42\r\n\r\n"));
        await using var gateway = await StartAsync(
            upstream.Address.GetLeftPart(UriPartial.Authority), "transform: { response: { remove: [X-Internal], set: { X-Level: 1 } } }, headers: { preset: api, remove: [X-Debug] }");
        using var client = gateway.Client(HttpVersion.Version20);
        using var response = await client.GetAsync(gateway.Address());

        Assert.Equal("body", await response.Content.ReadAsStringAsync());
        Assert.Equal("1", response.Headers.GetValues("X-Level").Single());
        Assert.Equal(["X-Sum"], response.TrailingHeaders.Select(field => field.Key), StringComparer.OrdinalIgnoreCase);
    }

    private static Task<TestGateway> StartAsync(string url, string policies) => TestGateway.StartAsync(
        $$"""
        listeners:
          public: { address: 127.0.0.1:0 }
        clusters:
          upstream: { destinations: ["{{url}}"] }
        routes:
          all: { match: { path: "/{**rest}" }, cluster: upstream, policies: { authenticate: none, {{policies}} } }
        """);
}
