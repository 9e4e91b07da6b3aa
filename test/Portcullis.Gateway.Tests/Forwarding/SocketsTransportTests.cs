using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Forwarding;
using Portcullis.Gateway.Forwarding.Sockets;
using Portcullis.Gateway.Forwarding.Tls;
using Portcullis.Gateway.Tests.Forwarding.Http1;

namespace Portcullis.Gateway.Tests.Forwarding;

public sealed class SocketsTransportTests
{
    [Fact]
    public async Task Failure_that_nobody_foresaw_costs_no_place_and_is_no_body_for_others()
    {
        await using var upstream = await TransportKind.Http2.UpstreamAsync(static context => context.Request.Body.CopyToAsync(Stream.Null));
        await using var transport = Transport(upstream.Address);
        for (var i = 0; i < 3 * MostInFlight; i++)
        {
            var broken = Request();
            broken.Body = new BrokenBody(onRead: new NotSupportedException(), onAdvance: null);
            await Assert.ThrowsAnyAsync<Exception>(() => transport.SendAsync(broken, CancellationToken.None).AsTask());
            var wrong = Request();
            wrong.Method = "NOT A METHOD";
            await Assert.ThrowsAnyAsync<Exception>(() => transport.SendAsync(wrong, CancellationToken.None).AsTask());
        }

        var result = await transport.SendAsync(new UpstreamRequest { Method = "GET", Target = "/", Host = "a.example" }, CancellationToken.None);
        await using var response = result.Response!;
        Assert.Equal(200, response.StatusCode);
    }

    [Fact]
    public async Task Body_that_the_server_takes_back_is_the_clients_end()
    {
        await using var upstream = await TransportKind.Http2.UpstreamAsync(static context => context.Request.Body.CopyToAsync(Stream.Null));
        await using var transport = Transport(upstream.Address);
        var request = Request();
        request.Body = new BrokenBody(onRead: new InvalidOperationException("the reader was completed"), onAdvance: null);
        Assert.Equal(ForwardError.ClientAborted, (await transport.SendAsync(request, CancellationToken.None)).Error);
    }

    private const int MostInFlight = 100;

    private static UpstreamRequest Request() => new() { Method = "POST", Target = "/", Host = "a.example" };

    private static SocketsTransport Transport(Uri url)
    {
        Assert.True(UpstreamTls.TryLoad(new UpstreamTlsOptions(), null, out var tls, out _, out _));
        var cluster = new ClusterOptions
        {
            Destinations = [new DestinationOptions { Url = url }],
            Protocol = UpstreamProtocol.Http2,
            Connections = new ConnectionOptions { Maximum = 1, Queue = 0 },
        };
        return new SocketsTransport(new UpstreamEndpoint(url, cluster, tls, TimeProvider.System));
    }
}
