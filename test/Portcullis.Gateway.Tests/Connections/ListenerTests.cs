using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Http.Features;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections;

namespace Portcullis.Gateway.Tests.Connections;

public sealed class ListenerTests
{
    [Fact]
    public async Task Plain_listener_serves_http1_and_http2_on_one_port()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain);

        Assert.StartsWith("HTTP/1.1 GET", await GetAsync($"http://{listener.EndPoint}/", HttpVersion.Version11), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/2 GET", await GetAsync($"http://{listener.EndPoint}/", HttpVersion.Version20), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tls_listener_serves_http1_and_http2_by_alpn()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls);

        Assert.StartsWith("HTTP/1.1 GET", await GetAsync($"https://{listener.EndPoint}/", HttpVersion.Version11), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/2 GET", await GetAsync($"https://{listener.EndPoint}/", HttpVersion.Version20), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpVersionName.Http1)]
    [InlineData(HttpVersionName.Http2)]
    public async Task Plain_listener_serves_only_the_versions_it_is_told(HttpVersionName only)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain with { Protocols = [only] });
        var (good, bad) = only == HttpVersionName.Http1 ? (HttpVersion.Version11, HttpVersion.Version20) : (HttpVersion.Version20, HttpVersion.Version11);

        Assert.Contains("GET", await GetAsync($"http://{listener.EndPoint}/", good), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => GetAsync($"http://{listener.EndPoint}/", bad));
    }

    [Theory]
    [InlineData(HttpVersionName.Http1)]
    [InlineData(HttpVersionName.Http2)]
    public async Task Tls_listener_agrees_on_no_version_that_it_is_not_told(HttpVersionName only)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Tls with { Protocols = [only] });
        var (good, bad) = only == HttpVersionName.Http1
            ? (SslApplicationProtocol.Http11, SslApplicationProtocol.Http2)
            : (SslApplicationProtocol.Http2, SslApplicationProtocol.Http11);

        // RFC 7301 §3.2: no_application_protocol.
        await Assert.ThrowsAnyAsync<Exception>(() => OpenAsync(bad));
        await using var agreed = await OpenAsync(bad, good);
        Assert.Equal(good, ((SslStream)agreed.Stream).NegotiatedApplicationProtocol);

        // And a client that names none speaks HTTP/1.1, where that is spoken.
        await using var silent = await OpenAsync();
        await silent.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.Equal(only == HttpVersionName.Http1, (await silent.ReadToEndAsync()).StartsWith("HTTP/1.1 200", StringComparison.Ordinal));

        Task<RawConnection> OpenAsync(params SslApplicationProtocol[] protocols) => RawConnection.OpenTlsAsync(listener.EndPoint, RawConnection.TlsOptions("localhost", protocols));
    }

    [Fact]
    public async Task First_octets_in_single_pieces_still_tell_the_version()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain);
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        foreach (var octet in "PROPFIND / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") await client.SendAsync(octet.ToString());

        Assert.Contains("HTTP/1.1 PROPFIND / 127.0.0.1", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 200")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "HTTP/1.1 200")]
    [InlineData("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200")]
    [InlineData("garbage\r\n\r\n", "HTTP/1.1 400")]
    public async Task Client_that_ends_its_sending_still_gets_the_answer(string request, string answer)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain);
        for (var i = 0; i < 20; i++)
        {
            await using var client = await RawConnection.OpenAsync(listener.EndPoint);
            await client.SendAsync(request);
            client.EndSending();

            Assert.StartsWith(answer, await client.ReadToEndAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabc")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n")]
    public async Task Request_cut_short_is_never_taken_for_whole(string request)
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain);
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync(request);
        client.EndSending();

        Assert.DoesNotContain("HTTP/1.1 200", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_goes_away_cancels_its_request()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var application = new EchoApplication
        {
            Handler = async context =>
            {
                await using var registration = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted.Register(() => cancelled.TrySetResult());
                arrived.SetResult();
                await cancelled.Task;
            },
        };
        await using var listener = await TestListener.StartAsync(TestListener.Plain, application);
        var client = await RawConnection.OpenAsync(listener.EndPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await arrived.Task;
        await client.DisposeAsync();

        await cancelled.Task.WaitAsync(Eventually.Patience);
    }

    [Fact]
    public async Task Occupied_address_is_a_clear_error()
    {
        await using var first = await TestListener.StartAsync(TestListener.Plain);
        var error = await Assert.ThrowsAsync<ListenerException>(() => TestListener.StartAsync(TestListener.Plain with { Address = new ListenAddress(first.EndPoint) }));

        Assert.Contains("is in use", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopped_listener_accepts_no_more()
    {
        var listener = await TestListener.StartAsync(TestListener.Plain);
        await listener.StopAsync(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(() => RawConnection.OpenAsync(listener.EndPoint));
    }

    private static async Task<string> GetAsync(string uri, Version version)
    {
        using var handler = new SocketsHttpHandler { SslOptions = RawConnection.TlsOptions("localhost"), UseProxy = false };
        using var client = new HttpClient(handler) { DefaultRequestVersion = version, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = Eventually.Patience };
        return await client.GetStringAsync(new Uri(uri));
    }
}
