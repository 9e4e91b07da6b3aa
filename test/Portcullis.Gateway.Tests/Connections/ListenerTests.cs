using System.Net;
using System.Net.Security;
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

    [Fact]
    public async Task First_octets_in_single_pieces_still_tell_the_version()
    {
        await using var listener = await TestListener.StartAsync(TestListener.Plain);
        await using var client = await RawConnection.OpenAsync(listener.EndPoint);
        foreach (var octet in "PROPFIND / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") await client.SendAsync(octet.ToString());

        Assert.Contains("HTTP/1.1 PROPFIND / 127.0.0.1", await client.ReadToEndAsync(), StringComparison.Ordinal);
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
        using var client = new HttpClient(handler) { DefaultRequestVersion = version, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = RawConnection.Patience };
        return await client.GetStringAsync(new Uri(uri));
    }
}
