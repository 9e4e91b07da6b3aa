using System.Net.Sockets;
using Portcullis.Gateway.Tests.Connections;
using Portcullis.Gateway.Tests.Hosting;

namespace Portcullis.Gateway.Tests.Identity;

/// <summary>A token request whose body ends early is the client's going, and no failure inside the gateway.</summary>
public sealed class BrokenTokenRequestTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Body_that_ends_early_is_an_aborted_request_and_no_error(bool isTls, bool resets)
    {
        using var log = new SignalLogging();
        await using var gateway = await TestGateway.StartAsync(
            $$"""
            listeners: { public: { address: "127.0.0.1:0"{{(isTls ? ", tls: {}" : string.Empty)}} } }
            identity: { issuer: "https://issuer.example" }
            telemetry: { decisionLog: "{decisionLog}" }
            """,
            loggers: log);
        await using (var client = isTls ? await RawConnection.OpenTlsAsync(gateway.EndPoint(), RawConnection.TlsOptions("localhost")) : await RawConnection.OpenAsync(gateway.EndPoint()))
        {
            await client.SendAsync("POST /oauth/token HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");

            // From here on the body is read: a reset would take away a request that has not been.
            Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await client.ReadResponseAsync());
            await client.SendAsync("abc");
            if (resets) client.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
            else client.EndSending();
            if (!resets) await client.ReadToEndAsync();
        }

        var record = Assert.Single(await gateway.DecisionsAsync(1));
        Assert.Equal((499, "request.aborted"), (record.GetProperty("status").GetInt32(), record.GetProperty("code").GetString()));
        await Eventually.HoldsAsync(() => gateway.Host.Listeners["public"].Counters.Open == 0, "the connection ends");
        Assert.Empty(log.Errors);
    }
}
