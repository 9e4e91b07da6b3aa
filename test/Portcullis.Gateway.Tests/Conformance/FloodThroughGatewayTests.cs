using Portcullis.Gateway.Tests.Http2;

namespace Portcullis.Gateway.Tests.Conformance;

/// <summary>Floods over HTTP/2 against the whole gateway, with a real service behind it: cut within 1,600 frames while a neighbour is served.</summary>
public sealed class FloodThroughGatewayTests(ConformanceGateway gateway) : IClassFixture<ConformanceGateway>
{
    private const int Allowance = 1600;

    [Theory]
    [InlineData("rapid reset")]
    [InlineData("CONTINUATION")]
    [InlineData("SETTINGS")]
    [InlineData("PING")]
    [InlineData("empty DATA")]
    public async Task Flood_is_cut_while_a_neighbour_is_served(string flood)
    {
        await using var neighbour = await RawHttp2Client.ConnectAsync(gateway.Gateway.EndPoint());
        await using var attacker = await RawHttp2Client.ConnectAsync(gateway.Gateway.EndPoint());
        Assert.Equal(200, (await neighbour.ExchangeAsync(1, RawHttp2Client.Request(path: "/before"))).Status);

        var sent = await FloodAsync(attacker, flood);

        Assert.True(sent <= Allowance, $"{sent} frames went through");
        Assert.Equal(200, (await neighbour.ExchangeAsync(3, RawHttp2Client.Request(path: "/after"))).Status);
    }

    // Sends in small steps and looks for the end after each, so that what counts is what the server took and not what lies in buffers.
    private static async Task<int> FloodAsync(RawHttp2Client attacker, string flood)
    {
        if (flood == "empty DATA") await attacker.SendHeadersAsync(1, RawHttp2Client.Request("POST"), endStream: false);
        if (flood == "CONTINUATION") await attacker.SendFrameAsync(Http2FrameType.Headers, Http2Frame.EndStream, 1, PlainHpack.Encode(RawHttp2Client.Request()));

        var closed = ReadToEndAsync(attacker);
        var sent = 0;
        for (var stream = 3; sent < 10 * Allowance && !closed.IsCompleted; stream += 2)
        {
            try
            {
                sent += await StepAsync(attacker, flood, stream);
                if (sent % 100 < 2) await Task.WhenAny(closed, Task.Delay(2));
            }
            catch (IOException)
            {
                break;
            }
        }

        return sent;
    }

    private static async Task<int> StepAsync(RawHttp2Client attacker, string flood, int stream)
    {
        switch (flood)
        {
            case "rapid reset":
                await attacker.SendHeadersAsync(stream, RawHttp2Client.Request(path: "/reset"));
                await attacker.SendFrameAsync(Http2FrameType.RstStream, 0, stream, 0, 0, 0, 8);
                return 2;
            case "CONTINUATION":
                await attacker.SendFrameAsync(Http2FrameType.Continuation, 0, 1, PlainHpack.Encode([("x", "y")]));
                return 1;
            case "SETTINGS":
                await attacker.SendFrameAsync(Http2FrameType.Settings, 0, 0);
                return 1;
            case "PING":
                await attacker.SendFrameAsync(Http2FrameType.Ping, 0, 0, new byte[8]);
                return 1;
            default:
                await attacker.SendDataAsync(1, []);
                return 1;
        }
    }

    private static async Task ReadToEndAsync(RawHttp2Client client)
    {
        while (await client.ReadFrameAsync() is not null)
        {
        }
    }
}
