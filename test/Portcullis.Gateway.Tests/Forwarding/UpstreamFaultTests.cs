using System.Net;
using System.Text;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Tests.Connections;

namespace Portcullis.Gateway.Tests.Forwarding;

/// <summary>Upstreams that hang, break off and lie. Nothing that failed may look complete.</summary>
public sealed class UpstreamFaultTests
{
    [Fact]
    public async Task Upstream_that_hangs_is_a_timeout()
    {
        var clock = new ManualTimeProvider();
        await using var upstream = RawUpstream.Start((connection, _) => connection.WaitForEndAsync());
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address) with { Retries = 0 }, clock);
        var pending = gateway.Client.GetAsync("/");
        await Eventually.HoldsAsync(() => upstream.Requests == 1, "the request arrives");
        clock.Advance(TimeSpan.FromSeconds(31));
        using var response = await pending;
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal("upstream.timeout", await response.CodeAsync());
    }

    [Fact]
    public async Task Each_try_has_its_own_timeout_within_the_whole()
    {
        var clock = new ManualTimeProvider();
        await using var upstream = RawUpstream.Start((connection, _) => connection.WaitForEndAsync());
        var cluster = ForwardingBench.Cluster(upstream.Address) with { Retries = 1, TryTimeout = TimeSpan.FromSeconds(2), Timeout = TimeSpan.FromSeconds(3) };
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, cluster, clock);
        var pending = gateway.Client.GetAsync("/");
        await Eventually.HoldsAsync(() => upstream.Requests == 1, "the first try");
        clock.Advance(TimeSpan.FromSeconds(2));
        await Eventually.HoldsAsync(() => upstream.Requests == 2, "the second try");
        clock.Advance(TimeSpan.FromSeconds(1));
        using var response = await pending;
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal(2, upstream.Requests);
    }

    [Fact]
    public async Task Reset_before_the_response_is_502_and_retried_for_idempotent_methods_only()
    {
        await using var upstream = RawUpstream.Start((connection, _) =>
        {
            connection.Reset();
            return Task.CompletedTask;
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address) with { Retries = 1 });
        using var get = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.BadGateway, get.StatusCode);
        Assert.Equal(2, upstream.Requests);
        using var post = await gateway.Client.PostAsync("/", null);
        Assert.Equal(HttpStatusCode.BadGateway, post.StatusCode);
        Assert.Equal(3, upstream.Requests);
        using var postWithBody = await gateway.Client.PostAsync("/", new StringContent("x"));
        Assert.Equal(HttpStatusCode.BadGateway, postWithBody.StatusCode);
        Assert.Equal(4, upstream.Requests);
    }

    [Fact]
    public async Task Post_is_not_sent_again_when_a_pooled_connection_closes_under_it()
    {
        var served = 0;
        await using var upstream = RawUpstream.Start(async (connection, _) =>
        {
            if (Interlocked.Increment(ref served) == 1) await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            else connection.Close();
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address) with { Retries = 3 });
        Assert.Equal("ok", await gateway.Client.GetStringAsync("/"));
        using var post = await gateway.Client.PostAsync("/", null);
        Assert.Equal(HttpStatusCode.BadGateway, post.StatusCode);
        Assert.Equal(2, upstream.Requests);
    }

    [Fact]
    public async Task Connection_refused_is_502()
    {
        var upstream = RawUpstream.Saying(string.Empty);
        await upstream.DisposeAsync();
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address));
        using var response = await gateway.Client.PostAsync("/", new StringContent("x"));
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("upstream.unavailable", await response.CodeAsync());
        Assert.StartsWith("Connect", gateway.LastCause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_goes_to_another_destination_when_one_is_down()
    {
        var dead = RawUpstream.Saying(string.Empty);
        await dead.DisposeAsync();
        await using var alive = await TransportKind.Http1.UpstreamAsync(static context => context.Response.Body.WriteAsync("ok"u8.ToArray()).AsTask());
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(dead.Address, alive.Address) with { Balance = Balance.RoundRobin });
        for (var i = 0; i < 10; i++)
        {
            using var response = await gateway.Client.PostAsync("/", new StringContent("body"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    public static TheoryData<string> BrokenHeads() =>
    [
        "complete nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nX-Field: a\x01b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-Field: a\0b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX Field: a\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
        "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 700 Odd\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-Long: " + new string('a', 100_000) + "\r\n\r\n",
    ];

    [Theory]
    [MemberData(nameof(BrokenHeads))]
    public async Task Broken_response_head_is_502(string head)
    {
        await using var upstream = RawUpstream.Saying(head);
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address) with { Retries = 0 });
        using var response = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("upstream.unavailable", await response.CodeAsync());
    }

    public static TheoryData<string> BrokenBodies() =>
    [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\nworld\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloworld\r\n0\r\n\r\n",
    ];

    [Theory]
    [MemberData(nameof(BrokenBodies))]
    public async Task Body_that_breaks_off_is_never_answered_as_complete(string octets)
    {
        await using var upstream = RawUpstream.Saying(octets);
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address) with { Retries = 0 });
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
        var answer = await client.ReadToEndAsync();
        Assert.DoesNotContain("\r\n0\r\n\r\n", answer, StringComparison.Ordinal);
        if (answer.Length == 0) return;

        // Either the head had not left and it is a proper 502, or less arrived than the head promises.
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(answer.StartsWith("HTTP/1.1 502", StringComparison.Ordinal) || end < 0 || answer.Length - end - 4 < 10 || answer.Contains("chunked", StringComparison.OrdinalIgnoreCase), answer);
    }

    [Fact]
    public async Task Octets_beyond_the_length_reach_no_one()
    {
        await using var upstream = RawUpstream.Start((connection, _) =>
            connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"));
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address) with { Retries = 0 });
        for (var i = 0; i < 5; i++) Assert.Equal("hello", await gateway.Client.GetStringAsync("/"));
    }

    [Theory]
    [InlineData("204 No Content")]
    [InlineData("304 Not Modified")]
    public async Task Body_of_a_response_that_has_none_reaches_no_one(string status)
    {
        await using var upstream = RawUpstream.Start((connection, _) => connection.SendAsync($"HTTP/1.1 {status}\r\nContent-Length: 4\r\n\r\nevil"));
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address) with { Retries = 0 });
        for (var i = 0; i < 3; i++)
        {
            using var response = await gateway.Client.GetAsync("/");
            Assert.Equal(status[..3], ((int)response.StatusCode).ToString());
            Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Interim_responses_are_passed_over()
    {
        await using var upstream = RawUpstream.Saying(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address));
        using var response = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("Link"));
        Assert.Equal("ok", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Silence_within_a_body_is_cut_at_the_idle_timeout()
    {
        var clock = new ManualTimeProvider();
        await using var upstream = RawUpstream.Start(async (connection, _) =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
            await connection.WaitForEndAsync();
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address), clock);
        using var response = await gateway.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[5];
        await body.ReadExactlyAsync(buffer);
        var rest = body.ReadAsync(buffer).AsTask();

        // The client may have its octets before the gateway begins to wait for more.
        await Eventually.HoldsAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromMinutes(6));
                return rest.IsCompleted;
            },
            "the body is cut");
        await Assert.ThrowsAnyAsync<IOException>(() => rest);
        await Eventually.HoldsAsync(() => gateway.LastCause is not null, "the cause is noted");
    }

    [Fact]
    public async Task Endless_body_ends_with_the_client()
    {
        var ended = new TaskCompletionSource();
        await using var upstream = RawUpstream.Start(async (connection, _) =>
        {
            try
            {
                await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
                var chunk = new string('x', 16 * 1024);
                while (true) await connection.SendAsync(chunk);
            }
            catch (IOException)
            {
                ended.SetResult();
            }
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address));
        using (var response = await gateway.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead))
        {
            await using var body = await response.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[1 << 20]);
        }

        await ended.Task.WithPatience();
    }

    [Fact]
    public async Task Fields_that_Connection_names_end_at_the_gateway_in_both_directions()
    {
        string? seen = null;
        await using var upstream = RawUpstream.Start(async (connection, head) =>
        {
            seen = head;
            await connection.SendAsync("HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nX-End: 2\r\nContent-Length: 0\r\n\r\n");
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address));
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: X-Mine\r\nX-Mine: 1\r\nKeep-Alive: 1\r\nProxy-Authorization: Basic x\r\nX-Yours: 2\r\n\r\n");
        var answer = await client.ReadResponseAsync();
        Assert.DoesNotContain("X-Hop", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Keep-Alive:", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Proxy-Authenticate", answer, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("X-End: 2", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("X-Mine", seen, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Keep-Alive", seen, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Proxy-Authorization", seen, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("X-Yours: 2", seen, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Octets_above_ASCII_pass_unchanged_both_ways()
    {
        string? seen = null;
        await using var upstream = RawUpstream.Start(async (connection, head) =>
        {
            seen = head;
            await connection.SendAsync("HTTP/1.1 200 OK\r\nX-Field: \xe4\xff\r\nContent-Length: 0\r\n\r\n");
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address));
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint);
        await client.SendAsync("GET /%C3%A4?q=%2F%2e HTTP/1.1\r\nHost: a.example\r\nX-Field: \xfc\x80\r\n\r\n");
        Assert.Contains("X-Field: \xe4\xff\r\n", await client.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.Contains("X-Field: \xfc\x80\r\n", seen, StringComparison.Ordinal);
        Assert.StartsWith("GET /%C3%A4?q=%2F%2e HTTP/1.1\r\n", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_breaks_off_its_body_is_to_blame_and_the_upstream_sees_no_complete_request()
    {
        var body = new TaskCompletionSource<string>();
        await using var upstream = RawUpstream.Start(async (connection, _) =>
        {
            var read = new StringBuilder();
            var buffer = new byte[1024];
            try
            {
                int count;
                while ((count = await connection.Stream.ReadAsync(buffer)) > 0) read.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
            catch (IOException)
            {
            }

            body.SetResult(read.ToString());
        });
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address));
        await using (var client = await RawConnection.OpenAsync(gateway.EndPoint))
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            await Eventually.HoldsAsync(() => upstream.Requests == 1, "the request arrives");
        }

        Assert.DoesNotContain("0\r\n\r\n", await body.Task.WithPatience(), StringComparison.Ordinal);
        Assert.Equal(0, gateway.Destination().Failures);
    }

    [Fact]
    public async Task Bad_chunk_of_the_client_is_400()
    {
        await using var upstream = RawUpstream.Start((connection, _) => connection.WaitForEndAsync());
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(upstream.Address));
        await using var client = await RawConnection.OpenAsync(gateway.EndPoint);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\n");
        var answer = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("request.malformed", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_that_resolves_to_the_metadata_service_is_not_asked()
    {
        var resolver = new FixedResolver(IPAddress.Parse("169.254.169.254"));
        await using var gateway = await ForwardingBench.StartAsync(TransportKind.Http1, ForwardingBench.Cluster(new Uri("http://orders.example")), resolver: resolver);
        using var response = await gateway.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.StartsWith("AddressForbidden", gateway.LastCause, StringComparison.Ordinal);
    }
}
